/** A list of numbers that is described anew again and again, to be compared with earlier descriptions. */
export type State = {
  readonly clear: () => void;
  readonly push: (value: number) => void;
  readonly equals: (other: Float64Array) => boolean;
  readonly copy: () => Float64Array;
};

export function createState(): State {
  let values = new Float64Array(1024);
  let length = 0;
  return {
    clear: () => {
      length = 0;
    },
    push: (value) => {
      if (length === values.length) {
        const larger = new Float64Array(2 * length);
        larger.set(values);
        values = larger;
      }
      values[length++] = value;
    },
    equals: (other) => {
      if (other.length !== length) return false;
      for (let i = 0; i < length; i++) if (values[i] !== other[i]) return false;
      return true;
    },
    copy: () => values.slice(0, length),
  };
}
