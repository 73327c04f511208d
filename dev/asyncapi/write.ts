import { writeFile } from 'node:fs/promises';
import { asyncapiYaml } from './document.ts';

await writeFile('docs/asyncapi.yaml', asyncapiYaml());
