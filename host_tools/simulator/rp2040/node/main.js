/**
 * An emulated RP2040 for the simulator: node main.js FOLDER, with rp2040js in node_modules there.
 *
 * It is told over its standard input what to do, and tells over its standard output what happens.
 * It ends when nobody is at the other end any more.
 */

import { Chip } from "./chip.js";
import { LineClosed, Link } from "./link.js";

const UNIQUE_ID_SIZE = 8;
const BOOTROM_SIZE = 16384;

// Standard output is the line, and what the emulator says of strange addresses, firmware may repeat for
// ever; only what ends this program is worth a word.
console.log = console.info = console.debug = console.warn = () => {};

const link = new Link();

/** @param {Buffer} content wiring (3 bytes), unique number, boot ROM, flash */
function powerOn(content) {
  const [i2c, scl, sda] = content;
  let at = 3;
  const take = (/** @type {number} */ size) => content.subarray(at, (at += size));
  const uniqueId = Uint8Array.from(take(UNIQUE_ID_SIZE));
  const bootrom = new Uint32Array(Uint8Array.from(take(BOOTROM_SIZE)).buffer);
  const flash = take(content.length - at);
  return new Chip(link, handle, { i2c, scl, sda }, uniqueId, bootrom, flash);
}

/**
 * @param {string} kind
 * @param {Buffer} content
 */
function handle(kind, content) {
  switch (kind) {
    case "G":
      chip.run(content.readDoubleLE(0), content[8] === 1);
      break;
    case "J":
      chip.jump(content.readDoubleLE(0));
      break;
    case "L":
      chip.pins.set(content[0], content[1]);
      break;
    case "U":
      chip.serial.send(Uint8Array.from(content));
      break;
    case "K":
      chip.setComputer(content[0] === 1, content[1] === 1, content[3] === 1 ? content[2] : null);
      break;
    case "X":
      chip.restart(false);
      break;
    case "M":
      chip.showMemory(content.readUInt32LE(0), content.readUInt32LE(4));
      break;
    default:
      throw new Error(`there is no request ${JSON.stringify(kind)}`);
  }
}

/** @type {Chip} */
let chip;

try {
  chip = powerOn(link.receive().content);
  chip.tellState();
  for (;;) {
    const { kind, content } = link.receive();
    handle(kind, content);
  }
} catch (error) {
  if (!(error instanceof LineClosed)) {
    throw error;
  }
}
