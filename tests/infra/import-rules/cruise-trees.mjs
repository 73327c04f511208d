/**
 * Runs the import rules of .dependency-cruiser.cjs over each folder of the command line, as `npm run imports` does over
 * this one. Prints a JSON array: for each folder the names of the rules that it breaks. dependency-cruiser is an ES
 * module, which Jest cannot load; and one process for all folders takes a second where one for each takes one each.
 */
import { join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';

const [config, ...folders] = process.argv.slice(2);
const options = await extractDepcruiseOptions(config);
const broken = [];
for (const folder of folders) {
  const tsConfig = extractTSConfig(join(folder, 'tsconfig.json'));
  // `cruise` changes into the folder.
  const { output } = await cruise(['src', 'dev', 'bench'], { ...options, baseDir: folder }, {}, { tsConfig });
  broken.push([...new Set(output.summary.violations.map(({ rule }) => rule.name))]);
}
console.log(JSON.stringify(broken));
