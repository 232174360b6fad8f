/** Rows of A [M, K] times columns of B [K, N], row-major, as [M, N]. Shares nothing with `src`. */
export function matrixProduct(M: number, N: number, K: number, a: ArrayLike<number>, b: ArrayLike<number>): number[] {
  const z: number[] = new Array<number>(M * N).fill(0);
  for (let k = 0; k < K; k++)
    for (let m = 0; m < M; m++) for (let n = 0; n < N; n++) z[m * N + n]! += a[m * K + k]! * b[k * N + n]!;
  return z;
}
