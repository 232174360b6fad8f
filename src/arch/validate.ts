import type { DocumentNode } from '../document.ts';
import { checkForm, type FormMistake } from '../form.ts';
import { machineSchema } from './schema.ts';

const words = {
  whole: 'the spec',
  keyRules: new Map([['"sources"', 'it has letters, digits, "_", "-" and ".", and begins with a letter']]),
};

/** Checks the form of a spec: fields, types, names. Values are read later. */
export const validateForm = (root: DocumentNode): FormMistake[] => checkForm(root, machineSchema, words);
