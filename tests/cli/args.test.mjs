// args.test.mjs - the words of a call: what is off is told in one breath with the nearest word, exit code 2; help teaches.
import assert from 'node:assert/strict';
import test from 'node:test';
import { files, run, smallPack } from './lib.mjs';

const pack = smallPack();
const COMMANDS = ['train', 'eval', 'recommend', 'similar', 'import', 'inspect', 'verify', 'bench', 'answer'];

function off(args, ...words) {
  const { code, stdout, stderr } = run(args);
  assert.equal(code, 2, `${args.join(' ')}: exit ${code}, ${stderr}`);
  assert.equal(stdout, '');
  for (const word of words) assert.ok(stderr.includes(word), `"${word}" in: ${stderr}`);
}

test('version and overview', () => {
  assert.match(run(['--version']).stdout, /^inkling \d+\.\d+\.\d+\n$/);
  const { code, stdout } = run(['--help']);
  assert.equal(code, 0);
  for (const command of COMMANDS) assert.ok(stdout.includes(`  ${command} `), command);
  assert.equal(run(['help']).stdout, stdout);
  const { code: none, stderr } = run([]);
  assert.equal(none, 2);
  assert.equal(stderr, stdout);
});

for (const command of COMMANDS) {
  test(`help of ${command} shows its words, options and examples`, () => {
    const { code, stdout, stderr } = run([command, '--help']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`^inkling ${command} - `));
    for (const word of ['--json', '--kernel', '--threads', '\nExamples\n  ']) assert.ok(stdout.includes(word), word);
    assert.ok(stdout.split('\n').every((line) => line.length <= 120), 'no line is longer than 120');
    assert.equal(run(['help', command]).stdout, stdout);
    assert.equal(run([command, '--wrong', '--help']).code, 2);
    assert.equal(run([command, '--help', '--wrong']).code, 0);
  });
}

test('help of a family lists its settings with what they are when not set', () => {
  const families = run(['train', '--help']).stdout;
  assert.match(families, /\n {2}als +\w/);
  assert.match(families, /\n {2}popular +\w/);
  const { stdout } = run(['train', 'als', '--help']);
  assert.match(stdout, /\n {2}factors +64 +/);
  assert.equal(run(['help', 'train', 'als']).stdout, stdout);
  off(['train', 'asl', '--help'], 'did you mean als');
});

test('unknown words bring the nearest one', () => {
  off(['recomend', pack], 'unknown command "recomend"', 'did you mean recommend?');
  off(['sim', pack, 'f1'], 'did you mean similar?');
  off(['xyzzy'], 'unknown command "xyzzy"');
  off(['recommend', pack, '--histroy', 'f1'], '--histroy', 'did you mean --history?');
  off(['recommend', pack, '--explian'], 'did you mean --explain?');
  off(['recommend', pack, '-x'], 'unknown option -x');
  off(['train', 'alss', '--events', 'ratings.csv', '-o', 'x'], 'did you mean als');
  off(['train', 'als', '--events', 'ratings.csv', '-o', 'x', '--set', 'factor=3'], 'no setting "factor"', 'did you mean factors');
  off(['train', 'als', '--events', 'ratings.csv', '-o', 'x', '--format', 'csvv'], '"csvv"', 'did you mean csv?');
  off(['train', 'als', '--events', 'ratings.csv', '-o', 'x', '--columns', 'users=a'], 'did you mean user');
  off(['recommend', pack, '--model', 'asl'], 'did you mean als');
  off(['eval', pack, '--test', 'ratings.csv', '--metrics', 'recal@20'], 'recal@20');
  off(['recommend', pack, '--kernel', 'avx3'], 'did you mean avx2?');
});

test('values are held against their range', () => {
  for (const n of ['0', '1000001', 'ten', '1.5', '', '0x10', ' 5', '1e2', 'nan', '--json']) off(['recommend', pack, '-n', n], '--count', 'from 1 to 1000000');
  off(['recommend', pack, '-n'], 'a value must follow --count');
  off(['recommend', pack, '--json=yes'], 'takes no value: --json');
  off(['recommend', pack, '-n', '3', '--count', '4'], 'given twice: --count');
  off(['train', 'als', '--events', 'ratings.csv', '-o', 'x', '--set', 'factors=0'], 'factors', '1 to 2048');
  off(['train', 'als', '--events', 'ratings.csv', '-o', 'x', '--set', 'factors=2.5'], 'whole number');
  off(['train', 'als', '--events', 'ratings.csv', '-o', 'x', '--set', 'factors'], 'NAME=VALUE');
  off(['train', 'als', '--events', 'ratings.csv', '-o', 'x', '--set', 'factors=4', '--set', 'factors=5'], 'given twice');
  off(['train', 'als', '--events', 'ratings.csv', '-o', 'x', '--set', 'solver=qr'], 'cholesky, cg');
  for (const rule of ['all', 'users:0', 'users:1', 'users:x', 'users:101%', 'time:', 'time:soon', 'leave-first']) {
    off(['train', 'als', '--events', 'ratings.csv', '-o', 'x', '--holdout', rule], '--holdout', 'leave-last');
  }
  assert.deepEqual(files().filter((f) => f.startsWith('x')), []);
});

test('words that are missing or too many', () => {
  off(['recommend'], 'too few words', 'PACK');
  off(['similar', pack], 'too few words', 'PACK ID');
  off(['verify', pack, 'second'], 'one word too many: "second"');
  off(['train', 'als', '-o', 'x'], 'missing: --events');
  off(['train', 'als', '--events', 'ratings.csv'], 'missing: --output');
  off(['recommend', pack, '--history', 'f1', '--history-file', 'x'], 'exclude each other');
  off(['eval', pack], '--test FILE');
  off(['eval', pack, '--protocol', 'known-users', '--test', 'ratings.csv'], '--history FILE and --test FILE');
  off(['eval', pack, '--protocol', 'candidates', '--history', 'a', '--test', 'b'], '--candidates');
  off(['eval', pack, '--test', 'ratings.csv', '--metrics', 'rmse'], 'ratings');
  off(['eval', pack, '--protocol', 'known-users', '--history', 'a', '--test', 'b', '--only-unseen'], 'unseen-users');
});

test('options may stand anywhere and be joined; -- ends them', () => {
  const want = run(['recommend', pack, '--history', 'f1', '-n', '3', '--json']).stdout;
  assert.equal(run(['recommend', '-n3', '--json', pack, '--history=f1']).stdout, want);
  assert.equal(run(['recommend', '--count=3', '--json', '--history', 'f1', '--', pack]).stdout, want);
  assert.equal(run(['similar', pack, '--', '-f1']).code, 3);       // an id that begins with a dash: unknown, not an option
});

test('every table of kernels that this machine has gives the same bits', () => {
  const want = run(['recommend', pack, '--history', 'f1,f3,f8', '--json', '--kernel', 'ref']).stdout;
  let tables = 0;
  for (const kernel of ['sse2', 'avx2', 'avx512', 'neon', 'wasm128']) {
    const { code, stdout } = run(['recommend', pack, '--history', 'f1,f3,f8', '--json', '--kernel', kernel]);
    if (code === 2) continue;
    assert.equal(stdout, want, kernel);
    tables++;
  }
  assert.ok(tables >= 1);
});
