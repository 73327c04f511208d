import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from './temporary-folder.ts';

const run = promisify(execFile);

/** The paths of the files of an authority of its own and of one server that it vouches for. */
export interface Certificates {
  caFile: string;
  certFile: string;
  keyFile: string;
}

/** Makes them, for a server of this name; removed at the end of the test file. */
export async function makeCertificates(name = 'localhost'): Promise<Certificates> {
  const folder = await temporaryFolder();
  const path = (name: string) => join(folder, name);
  const [caFile, certFile, keyFile] = [path('ca.pem'), path('cert.pem'), path('key.pem')];
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const request = (...args: string[]) => run('openssl', ['req', ...newKey, ...args]);
  await request(
    '-x509',
    '-days',
    '2',
    '-subj',
    '/CN=an authority',
    '-keyout',
    path('ca.key'),
    '-out',
    caFile,
  );
  await request('-subj', `/CN=${name}`, '-keyout', keyFile, '-out', path('request.pem'));
  await writeFile(path('names'), `subjectAltName=DNS:${name}`);
  const signed = ['x509', '-req', '-days', '2', '-in', path('request.pem'), '-extfile', path('names')];
  const by = ['-CA', caFile, '-CAkey', path('ca.key'), '-CAcreateserial'];
  await run('openssl', [...signed, ...by, '-out', certFile]);
  return { caFile, certFile, keyFile };
}
