import { answerQuestions } from './answering.ts';
import { openPage } from './open-page.ts';

// The same script is that of the page and of the worker in which its questions are answered.
if (typeof document === 'undefined') answerQuestions();
else openPage();
