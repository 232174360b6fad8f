import { invariant } from '../invariant.ts';
import type { TensorValue } from './evaluate.ts';

/** How far the values of a tensor are from exact ones, over the elements that exist. */
export type NumericError = {
  /** Elements whose difference is no finite number, such as an overflow; they are in none of the figures below. */
  readonly not_finite: number;
  readonly max_absolute: number;
  /** The largest difference over the magnitude of its exact value; infinite if that is zero. */
  readonly max_relative: number;
  /** Root of the mean square of the differences. */
  readonly rmse: number;
  /** Signal to noise: 10 log10 of the squares of the exact values over those of the differences; infinite if equal. */
  readonly snr_db: number;
};

/** Compares what an execution gave with what it should have: two executions of a cascade, on the same inputs. */
export function numericError(exact: TensorValue, found: TensorValue): NumericError {
  let [compared, not_finite, max_absolute, max_relative, signal, noise] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < exact.values.length; i++) {
    invariant(exact.exists[i] === found.exists[i], 'which elements exist does not depend on their values');
    if (exact.exists[i] !== 1) continue;
    const [wanted, actual] = [exact.values[i]!, found.values[i]!];
    const difference = Object.is(wanted, actual) ? 0 : Math.abs(wanted - actual);
    if (!Number.isFinite(difference)) {
      not_finite++;
      continue;
    }
    compared++;
    max_absolute = Math.max(max_absolute, difference);
    if (difference > 0) max_relative = Math.max(max_relative, difference / Math.abs(wanted));
    signal += wanted * wanted;
    noise += difference * difference;
  }
  const rmse = compared === 0 ? 0 : Math.sqrt(noise / compared);
  const snr_db = noise === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(signal / noise);
  return { not_finite, max_absolute, max_relative, rmse, snr_db };
}
