import { labelReports } from '../../../src/figures/labelled-report.ts';
import { rooflineData } from '../../../src/figures/roofline-data.ts';
import { rooflineFigure } from '../../../src/figures/roofline-figure.ts';
import type { GalleryCase } from '../gallery-case.ts';
import { shippedReport } from '../shipped-report.ts';

const machines = [
  'raspberry-pi-5',
  'apple-m4-max',
  'core-i9-13900k',
  'snapdragon-x-elite',
  'rk3588',
  'jetson-orin-cpu',
];

export const galleryCase: GalleryCase = {
  section: 'Runs',
  title: 'Roofline of many runs',
  text: 'More than four runs have numbers, and their names are in the legend: a product of a matrix and a vector on CPUs.',
  made: ['attnsim plot roofline *.json --title "A matrix and a vector on CPUs" --out roofline.svg'],
  draw: async (options) => {
    const run = {
      cascade: 'gemm',
      mapping: 'gemm-cores',
      sizes: { M: 1, N: 8192, K: 3072 },
      model: 'analytic',
    } as const;
    const reports = await Promise.all(machines.map((machine) => shippedReport({ ...run, machine })));
    return rooflineFigure(rooflineData(labelReports(reports), 'A matrix and a vector on CPUs')!, options);
  },
};
