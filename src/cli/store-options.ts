import { extname } from 'node:path';
import { diagnostic, failure, type Result, success } from '../diagnostic.ts';
import { didYouMean } from '../did-you-mean.ts';
import { isObjectiveColumn, type Objective } from '../sweep/identity.ts';
