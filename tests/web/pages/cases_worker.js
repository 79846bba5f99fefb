// cases_worker.js - the shared cases inside a worker.
import { runCases } from './cases.js';

runCases().then((results) => postMessage(results), (error) => postMessage([{ name: 'start', error: String(error) }]));
