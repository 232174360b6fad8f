/** What runs for a device, or why nothing does. */
export type Device =
  | { readonly title: string; readonly hardware: string; readonly cores: number }
  | { readonly aside: string };

/** The first that a name fits counts. */
const devices: readonly (readonly [RegExp, Device])[] = [
  [/cluster/, { aside: 'several machines with a network between them' }],
  [/npu|hexagon/, { aside: 'not a CPU: an NPU' }],
  [/gpu|vulkan|cuda|metal/, { aside: 'not a CPU: a GPU' }],
  [/not stated/, { aside: 'the device is not named' }],
  [/raspberry pi (5|cm5|compute module 5)/, { title: 'Raspberry Pi 5', hardware: 'raspberry-pi-5', cores: 4 }],
  [/rk3588|rock 5|orange pi 5|turing rk1/, { title: 'RK3588', hardware: 'rk3588', cores: 4 }],
  [/orin nano/, { title: 'Jetson Orin Nano', hardware: 'jetson-orin-nano-cpu', cores: 6 }],
  [/orin/, { title: 'Jetson AGX Orin', hardware: 'jetson-orin-cpu', cores: 12 }],
  [/snapdragon x elite/, { title: 'Snapdragon X Elite', hardware: 'snapdragon-x-elite', cores: 12 }],
  [/m2 max/, { title: 'Apple M2 Max', hardware: 'apple-m2-max', cores: 8 }],
  [/m4 max/, { title: 'Apple M4 Max', hardware: 'apple-m4-max', cores: 12 }],
  [/\bm1\b(?! (max|pro|ultra))/, { title: 'Apple M1', hardware: 'apple-m1', cores: 4 }],
  [/i9-13900k\b/, { title: 'Core i9-13900K', hardware: 'core-i9-13900k', cores: 8 }],
  [/i3-1315u/, { title: 'Core i3-1315U', hardware: 'core-i3-1315u', cores: 2 }],
  [/i5-4278u/, { title: 'Core i5-4278U', hardware: 'core-i5-4278u', cores: 2 }],
];

/** Rows may have fewer threads than the machine has cores, and a name may say of how many cores it is. */
export function deviceOf(name: string, threads: number | undefined): Device {
  const lower = name.toLowerCase();
  const found = devices.find(([pattern]) => pattern.test(lower))?.[1] ?? { aside: 'no spec ships for this CPU' };
  if ('aside' in found) return found;
  const named = /\b(\d+) (?:[a-z]+ )*cores\b/.exec(lower)?.[1];
  return { ...found, cores: Math.min(found.cores, threads ?? Number(named ?? found.cores)) };
}
