import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import { defineConfig, type Plugin } from 'rolldown';
import { machineSchema } from './src/arch/schema.ts';
import { formOptions } from './src/form.ts';

/** Checks the form of hardware specs without making code of their schema, which the policy of a page forbids. */
function compiledForm(): string {
  const ajv = new Ajv2020({ ...formOptions, code: { source: true } });
  return standalone.default(ajv, ajv.compile(machineSchema));
}

/** What the page has in place of packages. */
const replacements: Readonly<Record<string, string>> = {
  'ajv/dist/2020.js': `
    import validate from 'compiled-form';
    import { machineSchema } from '${import.meta.dirname}/src/arch/schema.ts';
    export class Ajv2020 {
      compile(schema) {
        if (schema !== machineSchema) throw new Error('a page has the form of hardware specs alone');
        return validate;
      }
    }`,
  'compiled-form': compiledForm(),
  // Of mathjs its parser, which is all that is used of it.
  'mathjs/lib/browser/math.js': `
    import { create, parseDependencies } from 'mathjs/number';
    export default create({ parseDependencies });`,
};

const prefix = '\0replaced:';

const replace: Plugin = {
  name: 'replace',
  resolveId: (id) => (id in replacements ? `${prefix}${id}` : undefined),
  load: (id) => (id.startsWith(prefix) ? replacements[id.slice(prefix.length)] : undefined),
};

/** A script is whole, so that each page can hold it. `parts`: what it has that is not ours. */
const script = (file: string, parts: string) => ({
  platform: 'browser' as const,
  plugins: [replace],
  output: {
    file: `dist/page/${file}.js`,
    format: 'iife' as const,
    minify: true,
    codeSplitting: false,
    banner: `/* attnsim (MIT); with parts of ${parts} */`,
  },
});

const parts = 'ajv (MIT), d3 and yaml (ISC), mathjs (Apache-2.0) and typed-function (MIT)';

export default defineConfig([
  { input: 'src/page/browser/main.ts', ...script('browser', parts) },
  { input: 'src/page/browser/sweep.ts', ...script('sweep', 'd3 (ISC)') },
]);
