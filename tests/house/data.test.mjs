// data.test.mjs - the demo's data: what make_data.py wrote, counted by someone else, and what it refuses.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const folder = 'build/data/movielens', script = 'demo/make_data.py';
const there = existsSync(join(folder, 'ratings.csv'));
const skip = there ? false : `${folder} is not there: ./run setup makes it`;
const rows = (name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n');

test('ratings: counts, columns, ranges', { skip }, () => {
  const [head, ...lines] = rows('ratings.csv');
  assert.equal(head, 'user,item,value,time');
  assert.equal(lines.length, 100_004);
  const cells = lines.map((line) => line.split(',').map(Number));
  assert.equal(new Set(cells.map(([user]) => user)).size, 671);
  assert.equal(new Set(cells.map(([, item]) => item)).size, 9_066);
  assert.ok(cells.every(([, , value]) => value >= 0.5 && value <= 5 && Number.isInteger(value * 2)));
  assert.ok(cells.every(([, , , time]) => time > 7e8 && time < 1.6e9));
});

test('items: one line a film, known films as everybody knows them', { skip }, () => {
  const [head, ...lines] = rows('items.csv');
  assert.equal(head, 'id,title,year,genres');
  assert.equal(lines.length, 9_066);
  assert.ok(lines.includes('1,Toy Story,1995,Adventure|Animation|Children|Comedy|Fantasy'));
  assert.ok(lines.some((line) => line.startsWith('2571,"Matrix, The",1999,')));
});

test('a damaged package is refused and nothing is written', { skip }, () => {
  const work = mkdtempSync(join(tmpdir(), 'inkling-data-'));
  try {
    writeFileSync(join(work, 'Rdata.rdx'), 'no such thing');
    writeFileSync(join(work, 'Rdata.rdb'), '');
    const { status } = spawnSync('/usr/bin/python3', [script, work, join(work, 'out')], { encoding: 'utf8' });
    assert.notEqual(status, 0);
    assert.equal(existsSync(join(work, 'out')), false);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
});
