import { type DocumentNode, readDocument } from '../../src/document.ts';
import { childrenOf, type Place } from '../../src/import/ledger.ts';
import type { Source } from '../../src/source.ts';
import { contentOf } from './cases.ts';

const below = (place: Place): readonly Place[] => [place, ...childrenOf(place).flatMap(below)];

export const placesIn = (node: DocumentNode): readonly Place[] => below({ node, path: '' });

/** Every value of a text, the whole first. */
export const placesOf = (source: Source): readonly Place[] =>
  placesIn(contentOf(readDocument(source, { tags: 'kept' })));
