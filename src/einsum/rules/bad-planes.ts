import { diagnostic } from '../../diagnostic.ts';
import type { TensorDeclaration } from '../ast.ts';
import { numberFormats } from '../number-format.ts';
import type { Rule } from '../rule.ts';

/** The planes of an operand are its bits: an `intN` in an `intN` and `uintN` for the rest. */
export const badPlanes: Rule = function* ({ cascade, declarations }) {
  const operands = new Set(cascade.tensors.flatMap((t) => (t.plane?.position === 0 ? [t.plane] : [])));
  for (const { operand, format } of operands) {
    const planes = cascade.tensors.filter((t) => t.plane?.operand === operand);
    const declared = declarations.get(operand.name);
    if (declared !== undefined)
      yield diagnostic('bad-planes', `"${operand.name}" is made of planes, and cannot be a tensor too`, operand.span, {
        related: [{ span: declared.span, message: 'declared here' }],
        help: 'give one of them another name',
      });
    if (!/^int\d+$/.test(format.name)) {
      yield diagnostic('bad-planes', `the bits of "${format.name}" have no planes`, format.span, {
        help: 'an operand that is made of planes is an integer, such as int10',
      });
      continue;
    }
    const odd = planes.find((p) => !(p.plane?.position === 0 ? /^int\d+$/ : /^uint\d+$/).test(p.format?.name ?? ''));
    const bitsOf = (name: string | undefined): number => numberFormats.get(name ?? '')?.bits ?? 0;
    const bits = planes.reduce((sum, p: TensorDeclaration) => sum + bitsOf(p.format?.name), 0);
    if (odd !== undefined)
      yield diagnostic(
        'bad-planes',
        `plane "${odd.name}" cannot be "${odd.format?.name}"`,
        odd.format?.span ?? odd.span,
        {
          help: 'the highest bits are an intN, as they have the sign, and the others uintN',
        },
      );
    else if (bits !== bitsOf(format.name))
      yield diagnostic(
        'bad-planes',
        `the planes of "${operand.name}" have ${bits} bits, but "${format.name}" has ${bitsOf(format.name)}`,
        format.span,
      );
  }
};
