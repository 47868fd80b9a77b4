// What a Node program does with a connection; arguments: host, port, user, database. Prints "ok" at the end.
'use strict';
const assert = require('node:assert');
const { Client, Pool } = require('pg');
const [host, port, user, database] = process.argv.slice(2);
const options = { host, port: Number(port), user, database };

async function main() {
  const client = new Client(options);
  await client.connect();
  await client.query('create temp table t (a int, b text, c jsonb)');
  for (let i = 0; i < 50; i++) {
    await client.query({ name: 'insert', text: 'insert into t values ($1, $2, $3)', values: [i, `row ${i} é`, { i }] });
  }
  const sum = await client.query('select count(*)::int as n, sum(a)::int as s from t where b like $1', ['row%']);
  assert.deepStrictEqual(sum.rows, [{ n: 50, s: 1225 }]);
  const several = await client.query('select 1 as one; select 2 as two');
  assert.deepStrictEqual(several.map((result) => result.rows[0]), [{ one: 1 }, { two: 2 }]);
  await assert.rejects(client.query('select 1/0'), { code: '22012' });
  await client.query('begin');
  await assert.rejects(client.query('select * from nothing'), { code: '42P01' });
  await assert.rejects(client.query('select 1'), { code: '25P02' });
  await client.query('rollback');
  // Sent together: the driver queues them.
  const together = await Promise.all([...Array(20).keys()].map((i) => client.query('select $1::int as i', [i])));
  together.forEach((result, i) => assert.strictEqual(result.rows[0].i, i));

  const heard = new Promise((resolve) => client.once('notification', resolve));
  await client.query('listen smoke');
  const pool = new Pool({ ...options, max: 5 });
  await pool.query("notify smoke, 'hello'");
  assert.strictEqual((await heard).payload, 'hello');
  const rows = await Promise.all([...Array(30).keys()].map((i) => pool.query('select pg_sleep(0.01), $1::int as i', [i])));
  rows.forEach((result, i) => assert.strictEqual(result.rows[0].i, i));

  // Statements of Holdfast's own, with and without parameters.
  const setting = await client.query('SHOW CLUSTER SETTING feature.backup.enabled');
  assert.strictEqual(Object.values(setting.rows[0])[0], true);
  const backup = await client.query(`BACKUP DATABASE ${database} INTO $1`, ['nodelocal://1/node']);
  assert.strictEqual(backup.rows[0].status, 'succeeded');
  const shown = await client.query('SHOW BACKUPS IN $1', ['nodelocal://1/node']);
  assert.strictEqual(shown.rows.length, 1);
  await pool.end();
  await client.end();
  console.log('ok');
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
