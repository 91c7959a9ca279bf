// Writes print jobs of programs that are not ours into the folder that is its
// argument, for the reader of devices/escpos/paper. Each job is one file; what
// it must say stands in that package's test.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import receiptline from 'receiptline';
import ReceiptPrinterEncoder from '@point-of-sale/receipt-printer-encoder';

const folder = process.argv[2];

const lines = `^^^红米好物
中山路店 | 收银台 2
---
{w:*,10}
五常大米 5kg | ￥59.90
Organic Milk | ￥128.00
-
^合计 | ￥187.90
{c:JF1.V.FOREIGN;o:qrcode,6,m}
谢谢光临
=
`;

const raw = (text) => Buffer.from(text, 'latin1');
for (const cpl of [32, 48]) {
  const printer = { cpl, encoding: 'gb18030', command: 'escpos', upsideDown: false, spacing: false, cutting: true, gamma: 1.8 };
  writeFileSync(join(folder, `receiptline-${cpl}.bin`), raw(await receiptline.transform(lines, printer)));
  const image = { ...printer, command: 'generic' };
  writeFileSync(join(folder, `receiptline-generic-${cpl}.bin`), raw(await receiptline.transform(lines, image)));
}

const encode = (options) => new ReceiptPrinterEncoder({ language: 'esc-pos', ...options }).initialize()
  .codepage('auto').align('center').size(2, 2).line('Green Shop').size(1, 1).align('left').bold(true).line('Till 2').bold(false).rule()
  .table([{ width: 20, align: 'left' }, { width: 10, align: 'right' }], [['Rice', '59.90'], ['Crème brûlée', '8.50']])
  .qrcode('JF1.V.FOREIGN', { model: 2, size: 6, errorlevel: 'm' }).barcode('6900001000112', 'ean13', 60)
  .pulse(0, 100, 500).newline().line('Thank you').cut('partial').encode();
writeFileSync(join(folder, 'encoder-32.bin'), encode({ columns: 32 }));
writeFileSync(join(folder, 'encoder-48.bin'), encode({ columns: 48, feedBeforeCut: 4 }));

const square = (side) => {
  const data = new Uint8ClampedArray(side * side * 4).fill(255);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      if (x === 0 || y === 0 || x === side - 1 || y === side - 1 || x === y) {
        data.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3);
      }
    }
  }
  return { data, width: side, height: side };
};
for (const imageMode of ['raster', 'column']) {
  const picture = new ReceiptPrinterEncoder({ language: 'esc-pos', columns: 32, imageMode }).initialize()
    .image(square(64), 64, 64, 'threshold', 128).line('below').encode();
  writeFileSync(join(folder, `encoder-${imageMode}.bin`), picture);
}
