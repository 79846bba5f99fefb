#!/usr/bin/env node
// all_test.mjs - the counter counts: how all.mjs reads the outputs it must not misread.
import { countsOf } from './all.mjs';

let passed = 0, failed = 0;
function expect(name, got, want) {
  const same = JSON.stringify(got) === JSON.stringify(want);
  same ? passed++ : failed++;
  if (!same) console.log(`FAIL ${name}: ${JSON.stringify(got)}, not ${JSON.stringify(want)}`);
}

expect('a program that is well', countsOf(0, 'a.c: 3 passed, 0 failed\n'), { passed: 3, failed: 0 });
expect('a failed test', countsOf(1, 'a.c:1: CHECK(x)\na.c: 2 passed, 1 failed\n'), { passed: 2, failed: 1 });
expect('a crash after its summary', countsOf(139, 'a.c: 3 passed, 0 failed\n'), { passed: 3, failed: 1 });
expect('a crash before any summary', countsOf(-1, 'starting\n'), { passed: 0, failed: 1 });
expect('no test at all', countsOf(0, ''), { passed: 0, failed: 1 });
expect('a summary of none', countsOf(0, 'a.c: 0 passed, 0 failed\n'), { passed: 0, failed: 1 });
expect('the last of several summaries', countsOf(0, '1 passed, 0 failed\n4 passed, 0 failed\n'), { passed: 4, failed: 0 });
expect('the TAP of node', countsOf(1, '# tests 7\n# pass 5\n# fail 2\n# skipped 0\n'), { passed: 5, failed: 2 });
expect('the spec of node', countsOf(0, 'ℹ tests 7\nℹ pass 7\nℹ fail 0\n'), { passed: 7, failed: 0 });
console.log(`all_test: ${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
