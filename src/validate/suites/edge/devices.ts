/** What runs for a device, or why nothing does. */
export type Device =
  | { readonly title: string; readonly hardware: string; readonly cores?: number }
  | { readonly aside: string };

/** The first that a name fits counts. */
const devices: readonly (readonly [RegExp, Device])[] = [
  [/cluster/, { aside: 'several machines with a network between them' }],
  [/npu|hexagon/, { aside: 'not a CPU: an NPU' }],
  [/gpu|vulkan|cuda|metal/, { aside: 'not a CPU: a GPU' }],
  [/not stated/, { aside: 'the device is not named' }],
  [/raspberry pi (5|cm5|compute module 5)/, { title: 'Raspberry Pi 5', hardware: 'raspberry-pi-5' }],
  [/rk3588|rock 5|orange pi 5|turing rk1/, { title: 'RK3588', hardware: 'rk3588' }],
  [/orin nano/, { title: 'Jetson Orin Nano', hardware: 'jetson-orin-nano-cpu' }],
  [/orin/, { title: 'Jetson AGX Orin', hardware: 'jetson-orin-cpu' }],
  [/snapdragon x elite/, { title: 'Snapdragon X Elite', hardware: 'snapdragon-x-elite' }],
  [/m2 max/, { title: 'Apple M2 Max', hardware: 'apple-m2-max' }],
  [/m4 max/, { title: 'Apple M4 Max', hardware: 'apple-m4-max' }],
  [/\bm1\b(?! (max|pro|ultra))/, { title: 'Apple M1', hardware: 'apple-m1' }],
];

/** Rows may have fewer threads than the machine cores, and a name may say of how many cores it is. */
export function deviceOf(name: string, threads: number | undefined): Device {
  const lower = name.toLowerCase();
  const found = devices.find(([pattern]) => pattern.test(lower))?.[1] ?? { aside: 'no spec ships for this CPU' };
  if ('aside' in found) return found;
  const named = /\b(\d+) (?:[a-z]+ )*cores\b/.exec(lower)?.[1];
  const cores = threads ?? (named === undefined ? undefined : Number(named));
  return cores === undefined ? found : { ...found, cores };
}
