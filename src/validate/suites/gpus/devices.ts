/** A device that measurements name. */
export type Device = {
  /** For people, one for all ways in which it is named. */
  readonly title: string;
  /** Chips of one kind, whatever the board: where means are over all of them. */
  readonly chip: string;
  readonly vendor: 'NVIDIA' | 'AMD';
  /** Which kernels there are for it. */
  readonly generation: Generation;
  /** Of the narrowest operands that its matrix units have a floating-point format for. */
  readonly least_bits: 8 | 16;
  /** Over so many its kernels divide their work: those of its spec. */
  readonly processors: number;
  /** Name of its spec. */
  readonly hardware: string;
};

export type Generation = 'ampere' | 'hopper' | 'blackwell' | 'cdna2' | 'cdna3' | 'cdna4';

const device = (
  title: string,
  chip: string,
  generation: Generation,
  processors: number,
  hardware: string = title.toLowerCase(),
): Device => ({
  title,
  chip,
  vendor: generation.startsWith('cdna') ? 'AMD' : 'NVIDIA',
  generation,
  least_bits: generation === 'ampere' || generation === 'cdna2' ? 16 : 8,
  processors,
  hardware,
});

/** The first that a name fits counts. A name without a form factor is that of the common one. */
const devices: readonly (readonly [RegExp, Device])[] = [
  [/a100.*\b40 ?g/, device('A100-40GB', 'A100', 'ampere', 108, 'a100-sxm-40gb')],
  // A800 and H800 are versions with slower links between devices; the processors are the same.
  [/(?<![a-z])a[18]00(?!\d)/, device('A100', 'A100', 'ampere', 108, 'a100-sxm-80gb')],
  [/h100.*pcie/, device('H100-PCIe', 'H100', 'hopper', 114)],
  [/(?<![a-z])h800/, device('H800', 'H100', 'hopper', 132, 'h100-sxm')],
  [/(?<![a-z])h100/, device('H100', 'H100', 'hopper', 132, 'h100-sxm')],
  [/(?<![a-z])h200/, device('H200', 'H200', 'hopper', 132)],
  [/gb300|b300/, device('GB300', 'GB300', 'blackwell', 148)],
  // What is called "B200/GB200" is judged by the peak of GB200.
  [/gb200/, device('GB200', 'B200', 'blackwell', 148)],
  [/(?<![a-z])b200/, device('B200', 'B200', 'blackwell', 148)],
  [/mi250x?.*(gcd|half)|mi210/, device('MI250X-GCD', 'MI250X', 'cdna2', 110)],
  [/mi250/, device('MI250X', 'MI250X', 'cdna2', 220)],
  [/mi300x/, device('MI300X', 'MI300X', 'cdna3', 304)],
  [/mi35[05]x?/, device('MI355X', 'MI355X', 'cdna4', 256)],
];

/** Undefined: no spec ships for it. */
export function deviceOf(name: string): Device | undefined {
  const lower = name.toLowerCase();
  return devices.find(([pattern]) => pattern.test(lower))?.[1];
}

export const deviceTitles: readonly string[] = devices.map(([, { title }]) => title);

/** Words of a name that leave open which device it was: such a row is predicted, and not among the means. */
export const isVague = (name: string): boolean => /unstated|unnamed|unknown|unspecified/i.test(name);

/** Processors of AMD have half as much memory of their own, or less, before CDNA4. */
export const hasLittleRoom = ({ vendor, generation }: Device): boolean => vendor === 'AMD' && generation !== 'cdna4';
