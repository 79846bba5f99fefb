#!/usr/bin/env node
// run.mjs TARGET CORPUS SECONDS - one libFuzzer target: replays its corpus, then looks for new
// inputs for a fixed time. New inputs go to build/fuzz/found/<target>, findings to
// build/fuzz/findings; the kept corpus changes only by hand (see README.md).
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

const [target, corpus, seconds] = process.argv.slice(2);
const name = basename(target);
const found = join('build/fuzz/found', name), findings = join('build/fuzz/findings', `${name}-`);
for (const folder of [found, 'build/fuzz/findings']) mkdirSync(folder, { recursive: true });
let passed = 0, failed = 0;

function fuzz(what, args) {
  const { status, stderr } = spawnSync(target, [...args, `-artifact_prefix=${findings}`, '-timeout=10', '-rss_limit_mb=2048'], { encoding: 'utf8' });
  status === 0 ? passed++ : failed++;
  const last = stderr.trim().split('\n');
  console.log(`${name}, ${what}: ${status === 0 ? last.at(-1) : `exit ${status}\n${last.slice(-50).join('\n')}`}`);
}

const inputs = existsSync(corpus) ? readdirSync(corpus).length : 0;
if (inputs === 0) { console.log(`${name}: no corpus in ${corpus}`); failed++; }
else fuzz(`${inputs} kept inputs`, ['-runs=0', corpus]);
if (Number(seconds) > 0) fuzz(`${seconds} s of search`, [`-max_total_time=${seconds}`, '-print_final_stats=0', found, ...(inputs ? [corpus] : [])]);
console.log(`${name}: ${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
