// What another till's software does with the client that was generated for it:
// a sale, the same once more, what became of it, and its goods back.
import { client } from './client/client.gen';
import { health, outcome, quote, return_, sell, signIn } from './client/sdk.gen';
import type { Order, Sale } from './client/types.gen';

const [url, token, person, pin] = process.argv.slice(2);
client.setConfig({ baseUrl: url, headers: { Authorization: `Bearer ${token}` } });

function must<T>(what: string, answer: { data?: T; error?: unknown }): T {
  if (answer.data === undefined) throw new Error(`${what}: ${JSON.stringify(answer.error)}`);
  return answer.data;
}
function same(what: string, got: unknown, want: unknown): void {
  if (got !== want) throw new Error(`${what} is ${got}, want ${want}`);
}

const path = { lane: 2 };
const headers = { 'Jifen-Session': must('sign in', await signIn({ body: { person, pin } })).session };
same('the terminal has lanes', must('health', await health()).lanes > 0, true);
const order: Order = { lines: [{ code: '6900001000112', quantity: 2 }] };
const quoted = must('quote', await quote({ path, body: order }));
const body: Sale = {
  ref: 'client-0001', order, tenders: [{ kind: 'cash', fen: quoted.to_pay_fen + 500 }],
};
const sold = must('sale', await sell({ path, headers, body }));
same('the change', sold.change_fen, 500);
const again = must('the same sale', await sell({ path, headers, body }));
same('its entry', again.entry, sold.entry);
same('said to be the same', again.again, true);
const other = await sell({ path, headers, body: { ...body, tenders: [{ kind: 'cash', fen: quoted.to_pay_fen + 600 }] } });
same('the code of a conflict', other.error?.code, 'reference-used');
same('what became of it', must('outcome', await outcome({ path: { ref: body.ref } })).entry, sold.entry);
const back = must('return', await return_({
  path, headers, body: { ref: 'client-0002', sale: sold.entry, quantities: [1], tender: 'cash' },
}));
same('the money back', back.paid_fen, -quoted.to_pay_fen / 2);
const wrong = await quote({ path, body: { lines: [{ code: '6900001000112', quantity: -1 }] } });
same('the field that is wrong', wrong.error?.errors?.[0].pointer, '/lines/0/quantity');
console.log(`sold ${sold.entry}`);
