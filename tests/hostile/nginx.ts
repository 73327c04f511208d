import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from '../../dev/embedded/free-port.ts';
import { atEnd } from '../support/at-end.ts';
import { eventually } from '../support/eventually.ts';

/** Where this machine has its nginx; undefined where it has none. */
export function findNginx(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean), '/usr/sbin'];
  return folders.map((folder) => join(folder, 'nginx')).find((path) => existsSync(path));
}

/**
 * Starts nginx in front of a service, with what ingress-nginx writes by default: HTTP/2 in front, kept connections behind,
 * and answers that are passed on as they are read. Resolves with its URL; it ends with the test file.
 */
export async function startNginx(program: string, to: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'orders-nginx-'));
  const port = await freePort();
  await writeFile(join(folder, 'nginx.conf'), configuration({ port, to: new URL(to).host, folder }));
  const child = spawn(program, ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'inherit' });
  const ended = once(child, 'exit');
  atEnd(async () => {
    child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true });
  });
  await eventually(async () => {
    const socket = connect(port, '127.0.0.1');
    // Refused, the wait rejects.
    await once(socket, 'connect').finally(() => socket.destroy());
    return true;
  });
  return `http://127.0.0.1:${port}`;
}

/** One process, so that a signal ends all of it, and nothing outside of its folder. */
function configuration({ port, to, folder }: { port: number; to: string; folder: string }): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
    daemon off;
    master_process off;
    pid ${folder}/pid;
    error_log stderr crit;
    events { worker_connections 8192; }
    http {
      access_log off;
      ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
      upstream orders { server ${to}; keepalive 320; }
      server {
        listen 127.0.0.1:${port} http2;
        location / {
          proxy_pass http://orders;
          proxy_http_version 1.1;
          proxy_buffering off;
          proxy_set_header Connection "";
          proxy_set_header X-Forwarded-For $remote_addr;
        }
      }
    }`;
}
