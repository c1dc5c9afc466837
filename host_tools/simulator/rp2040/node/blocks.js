/** Blocks of the chip that the emulator leaves out, as far as firmware asks them for something. */

import crypto from "node:crypto";

import { BasePeripheral } from "./rp2040js.js";

// RP2040 data sheet, 2.10.7
const VREG = 0x00;
const BOD = 0x04;
const CHIP_RESET = 0x08;
const VREG_AT_RESET = 0xb1;
const BOD_AT_RESET = 0x91;
const PSM_RESTART_FLAG = 1 << 24;
export const HAD_POR = 1 << 8;
export const HAD_RUN = 1 << 16;

// RP2040 data sheet, 2.17.8
const RANDOM_BIT = 0x1c;
const ROSC_STATUS = 0x18;
const ROSC_STABLE = 0x80001000; // STABLE and ENABLED

/** VREG_AND_CHIP_RESET: tells why the chip was reset the last time. */
export class ChipReset extends BasePeripheral {
  /**
   * @param {import("rp2040js").RP2040} mcu
   * @param {number} cause HAD_POR or HAD_RUN
   */
  constructor(mcu, cause) {
    super(mcu, "VREG_AND_CHIP_RESET");
    this.cause = cause;
  }

  /** @param {number} offset */
  readUint32(offset) {
    switch (offset) {
      case VREG:
        return VREG_AT_RESET;
      case BOD:
        return BOD_AT_RESET;
      case CHIP_RESET:
        return this.cause;
      default:
        return super.readUint32(offset);
    }
  }

  /**
   * @param {number} offset
   * @param {number} value
   */
  writeUint32(offset, value) {
    if (offset === CHIP_RESET) {
      this.cause &= ~(value & PSM_RESTART_FLAG);
    }
  }
}

/** The ring oscillator, whose random bit os.urandom collects. */
export class RandomOscillator extends BasePeripheral {
  /** @param {import("rp2040js").RP2040} mcu */
  constructor(mcu) {
    super(mcu, "ROSC");
    this.pool = Buffer.alloc(0);
    this.used = 0;
  }

  /** @param {number} offset */
  readUint32(offset) {
    if (offset === ROSC_STATUS) {
      return ROSC_STABLE;
    }
    if (offset !== RANDOM_BIT) {
      return 0xffffffff; // as the emulator has it
    }
    if (this.used === this.pool.length) {
      this.pool = crypto.randomBytes(1024);
      this.used = 0;
    }
    return this.pool[this.used++] & 1;
  }

  writeUint32() {}
}
