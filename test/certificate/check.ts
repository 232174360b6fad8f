import { bindSizes, type Certificate, checkCascade, loadMachine, parseCascade } from 'attnsim';
import { checkDataflow } from './check-dataflow.ts';
import { checkNests } from './check-nests.ts';
import { contentOf, type Findings, judge, readMapping, tolerance } from './claim.ts';
import { floorsOf } from './floors.ts';
import type { Problem } from './loops.ts';

/** The algorithms on the machine of a certificate. Throws if its texts are wrong. */
export async function readProblems(
  c: Pick<Certificate, 'hardware' | 'parameters' | 'algorithms'>,
): Promise<readonly Problem[]> {
  const parameters = new Map(Object.entries(c.parameters));
  const machine = contentOf(await loadMachine({ name: 'hardware', text: c.hardware }, { parameters }));
  return c.algorithms.map(({ cascade, sizes }) => {
    const checked = contentOf(checkCascade(contentOf(parseCascade({ name: 'cascade', text: cascade }))));
    return { workload: contentOf(bindSizes(checked, new Map(), new Map(Object.entries(sizes)))), machine };
  });
}

/**
 * Checks what a certificate claims, with at most about `budget` mappings evaluated: all choices of a dataflow, or some that
 * lie evenly among them; and all nests, or that those which are left out cannot be better.
 */
export function checkCertificate(certificate: Certificate, problems: readonly Problem[], budget = 300): Findings {
  const { value, bound, gap, algorithms, spaces } = certificate;
  const findings: Findings = { refused: [], trusted: new Map(), evaluated: 0, proven: bound };
  const each = Math.ceil(budget / spaces.length);
  const claim = { certificate, problem: problems[certificate.algorithm]!, budget: each, findings };
  const { refused } = findings;
  for (const [i, { workload }] of problems.entries())
    for (const [name, size] of workload.sizes)
      if (algorithms[i]?.sizes[name] !== size) refused.push(`${name} is ${size}`);
  const found = judge(claim, readMapping(certificate.mapping));
  if (typeof found === 'string') refused.push(`the mapping that was found is ${found}`);
  else if (Math.abs(found.value - value) > tolerance * value)
    refused.push(`the mapping has ${found.value}, not ${value}`);
  if (bound > value) refused.push(`the bound ${bound} is above what was found`);
  const share = bound > 0 ? value / bound - 1 : null;
  if (value === bound ? gap !== 0 : gap !== share) refused.push(`the gap is ${share}, not ${gap}`);
  if (spaces.length === 0) refused.push('there is no space');
  for (const [i, space] of spaces.entries()) {
    const { space: all, ...parts } = space.mappings;
    const sum = Object.values(parts).reduce((n, x) => n + BigInt(x), 0n);
    if (sum !== BigInt(all!)) refused.push(`space ${i}: ${sum} of ${all} mappings are accounted for`);
    const problem = problems[space.algorithm]!;
    const trusted: Findings['trusted'] = new Map();
    const own = {
      ...claim,
      problem,
      name: `space ${i}`,
      floors: floorsOf(problem, certificate),
      findings: { ...findings, trusted },
    };
    const proven = space.kind === 'dataflow' ? checkDataflow({ ...own, space }) : checkNests({ ...own, space });
    findings.evaluated = own.findings.evaluated;
    if (proven >= bound * (1 - tolerance)) continue;
    // What is found out here needs no word of the search.
    findings.proven = Math.min(findings.proven, proven);
    for (const [what, claims] of trusted) findings.trusted.set(what, claims);
  }
  return findings;
}
