import { readFileSync } from 'node:fs';
import type { Certificate } from 'attnsim';
import { checkCertificate, readProblems } from './check.ts';

// `npm run certificate FILE [BUDGET]`: checks a certificate; exits with 1 if a claim is wrong.
const [file = '', budget = '10000'] = process.argv.slice(2);
const certificate = JSON.parse(readFileSync(file, 'utf8')) as Certificate;
const problems = await readProblems(certificate);
const { refused, trusted, evaluated } = checkCertificate(certificate, problems, Number(budget));
const lines = [
  ...refused.slice(0, 20).map((reason) => `wrong: ${reason}`),
  ...[...trusted].map(([claim, times]) => `not checked${times > 1 ? ` (${times} times)` : ''}: ${claim}`),
  `${evaluated} mappings evaluated, ${refused.length} claims wrong, ${[...trusted.values()].reduce((a, b) => a + b, 0)} not checked`,
];
process.stdout.write(`${lines.join('\n')}\n`);
process.exitCode = refused.length > 0 ? 1 : 0;
