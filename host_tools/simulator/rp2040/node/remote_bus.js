/**
 * The I2C bus as the chip sees it; the devices are at the other end of the line.
 *
 * What needs no answer is kept and told with the next that does: so a write of a thousand bytes
 * crosses the line a few times, and each byte still has its own time.
 */

import { Content } from "./link.js";

const START_WRITING = 0;
const START_READING = 1;
const WRITE = 2;
const READ = 3;
const STOP = 4;
const BEGIN = 5;
const ENTRY_SIZE = 10;
const MOST_KEPT = 64; // at 400 kHz, 1.4 ms: no later does it come out that a device was unplugged

export class RemoteBus {
  /** @param {import("./chip.js").Chip} chip */
  constructor(chip) {
    this.chip = chip;
    /** @type {{ns: number, what: number, value: number}[]} */
    this.kept = [];
    this.busyNs = 0;
    /** Whether the device acknowledges all that is written to it, whatever it is. */
    this.sure = false;
  }

  /** The chip is reset; what was on the bus ends. */
  reset() {
    this.kept = [];
    this.sure = false;
  }

  /** The block sends an address now. */
  begin() {
    this.keep(BEGIN, 0);
  }

  /** @param {number} durationNs that long the block keeps the bus busy */
  isBusy(durationNs) {
    this.busyNs += durationNs;
  }

  /**
   * @param {number} address
   * @param {boolean} reading
   */
  start(address, reading) {
    return this.ask(reading ? START_READING : START_WRITING, address) === 1;
  }

  /** @param {number} byte */
  write(byte) {
    if (this.sure && this.kept.length < MOST_KEPT) {
      this.keep(WRITE, byte);
      return true;
    }
    return this.ask(WRITE, byte) === 1;
  }

  read() {
    return this.ask(READ, 0);
  }

  stop() {
    this.ask(STOP, 0);
  }

  /**
   * @param {number} what
   * @param {number} value
   */
  keep(what, value) {
    this.kept.push({ ns: this.chip.nowNs, what, value });
  }

  /**
   * Tell of everything, and have the answer to the last.
   * @param {number} what
   * @param {number} value
   */
  ask(what, value) {
    this.keep(what, value);
    const content = new Content(8 + this.kept.length * ENTRY_SIZE).f64(this.busyNs);
    for (const one of this.kept) {
      content.f64(one.ns).u8(one.what).u8(one.value);
    }
    this.kept = [];
    const answer = this.chip.ask("I", content.bytes);
    this.sure = answer.sure;
    return answer.value;
  }
}
