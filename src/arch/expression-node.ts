/** What an expression or a condition says, as a tree. */
export type ExpressionNode =
  | { readonly kind: 'constant'; readonly value: number | string }
  | {
      readonly kind: 'name';
      /** With dots where it is a path, as in `utilization.Array2D`. */
      readonly name: string;
      /** Beside a number, where a unit is meant. */
      readonly afterNumber: boolean;
    }
  | { readonly kind: 'operation'; readonly operator: string; readonly operands: readonly ExpressionNode[] }
  | { readonly kind: 'call'; readonly name: string; readonly operands: readonly ExpressionNode[] }
  /** What no expression has. */
  | { readonly kind: 'other'; readonly what: string };
