/**
 * The flash chip (a Winbond W25Q16JV) and the wires to it: SSI block and chip select.
 *
 * The emulator's SSI block answers "ready" to everything and knows no command. Firmware and boot
 * ROM select the chip by the override of its pin (IO_QSPI), and the second stage of the boot lets
 * the SSI block do that. Reading through XIP goes past all this, straight to the memory.
 */

import { BasePeripheral } from "./rp2040js.js";

// RP2040 data sheet, 4.10.13
const SSIENR = 0x08;
const TXFLR = 0x20;
const RXFLR = 0x24;
const SR = 0x28;
const IDR = 0x58;
const VERSION_ID = 0x5c;
const DR0 = 0x60;
const SR_TX_NOT_FULL = 1 << 1;
const SR_TX_EMPTY = 1 << 2;
const SR_RX_NOT_EMPTY = 1 << 3;
const SSI_IDENTIFICATION = 0x51535049;
const SSI_VERSION = 0x3430312a;

// RP2040 data sheet, 2.19.6.2: IO_QSPI
const SS_CTRL = 0x0c;
const LAST_CTRL = 0x2c;
const OUTOVER_SHIFT = 8;
const DRIVE_LOW = 2;
const DRIVE_HIGH = 3;

// W25Q16JV data sheet, 8.1.2
const WRITE_STATUS = 0x01;
const PAGE_PROGRAM = 0x02;
const READ_DATA = 0x03;
const WRITE_DISABLE = 0x04;
const READ_STATUS_1 = 0x05;
const WRITE_ENABLE = 0x06;
const SECTOR_ERASE = 0x20;
const READ_STATUS_2 = 0x35;
const READ_UNIQUE_ID = 0x4b;
const READ_JEDEC_ID = 0x9f;
const BLOCK_ERASE = 0xd8;
const STATUS_1_WRITE_ENABLED = 1 << 1;
const STATUS_2_QUAD_ENABLED = 1 << 1;
const JEDEC_ID = [0xef, 0x40, 0x15];
const ADDRESSED = 4; // bytes of a command and its address
const UNIQUE_ID_AT = 5; // after the command and four bytes that do not matter
const NOTHING = 0xff;

export const PAGE_SIZE = 256;
const SECTOR_SIZE = 4096;
const BLOCK_SIZE = 65536;

/** The chip: bytes go in and come out while it is selected, and it acts when that ends. */
export class FlashChip {
  /**
   * @param {Uint8Array} memory what it holds
   * @param {Uint8Array} uniqueId its eight bytes
   * @param {(address: number, size: number) => void} onErase
   * @param {(address: number, data: Uint8Array) => void} onProgram
   */
  constructor(memory, uniqueId, onErase, onProgram) {
    this.memory = memory;
    this.uniqueId = uniqueId;
    this.onErase = onErase;
    this.onProgram = onProgram;
    this.writeEnabled = false;
    /** @type {number[]} */
    this.command = [];
  }

  /** A byte goes in, one comes out. @param {number} byte */
  shift(byte) {
    const at = this.command.push(byte) - 1;
    if (at === 0) {
      return NOTHING;
    }
    switch (this.command[0]) {
      case READ_STATUS_1:
        return this.writeEnabled ? STATUS_1_WRITE_ENABLED : 0;
      case READ_STATUS_2:
        return STATUS_2_QUAD_ENABLED;
      case READ_JEDEC_ID:
        return JEDEC_ID[at - 1] ?? NOTHING;
      case READ_UNIQUE_ID:
        return this.uniqueId[at - UNIQUE_ID_AT] ?? NOTHING;
      case READ_DATA:
        return at < ADDRESSED ? NOTHING : this.memory[this.address() + at - ADDRESSED];
      default:
        return NOTHING;
    }
  }

  /** It is selected no longer: a complete command takes effect. */
  deselect() {
    const { command } = this;
    this.command = [];
    switch (command[0]) {
      case WRITE_ENABLE:
        this.writeEnabled = true;
        break;
      case WRITE_DISABLE:
      case WRITE_STATUS:
        this.writeEnabled = false;
        break;
      case SECTOR_ERASE:
        this.erase(command, SECTOR_SIZE);
        break;
      case BLOCK_ERASE:
        this.erase(command, BLOCK_SIZE);
        break;
      case PAGE_PROGRAM:
        this.program(command);
        break;
    }
  }

  /**
   * @param {number[]} command
   * @param {number} size
   */
  erase(command, size) {
    if (!this.writeEnabled || command.length !== ADDRESSED) {
      return;
    }
    this.writeEnabled = false;
    const address = (addressIn(command) & -size) >>> 0;
    this.memory.fill(0xff, address, address + size);
    this.onErase(address, size);
  }

  /** Clears bits. Beyond the end of its page it goes on at the start of that.
   *  @param {number[]} command */
  program(command) {
    if (!this.writeEnabled || command.length <= ADDRESSED) {
      return;
    }
    this.writeEnabled = false;
    const address = addressIn(command);
    const page = (address & -PAGE_SIZE) >>> 0;
    const data = new Uint8Array(PAGE_SIZE).fill(0xff);
    command.slice(ADDRESSED).forEach((byte, index) => {
      data[(address + index) % PAGE_SIZE] = byte;
    });
    data.forEach((byte, index) => {
      this.memory[page + index] &= byte;
    });
    const last = address - page + command.length - ADDRESSED;
    if (last <= PAGE_SIZE) {
      this.onProgram(address, data.subarray(address - page, last));
    } else {
      this.onProgram(page, data);
    }
  }

  address() {
    return addressIn(this.command);
  }
}

/** @param {number[]} command */
function addressIn(command) {
  return (command[1] << 16) | (command[2] << 8) | command[3];
}

/** The SSI block. Whoever owns it tells `select` what the chip select pin is forced to. */
export class Ssi extends BasePeripheral {
  /**
   * @param {import("rp2040js").RP2040} mcu
   * @param {FlashChip} chip
   */
  constructor(mcu, chip) {
    super(mcu, "SSI");
    this.chip = chip;
    /** @type {Map<number, number>} */
    this.registers = new Map();
    /** @type {number[]} */
    this.answers = [];
    /** @type {"low" | "high" | "by itself"} */
    this.selection = "by itself";
  }

  /** @param {"low" | "high" | "by itself"} selection of the pin */
  select(selection) {
    if (selection !== this.selection) {
      this.chip.deselect();
      this.selection = selection;
    }
  }

  /** @param {number} offset */
  readUint32(offset) {
    switch (offset) {
      case TXFLR:
        return 0;
      case RXFLR:
        return this.answers.length;
      case SR:
        return SR_TX_EMPTY | SR_TX_NOT_FULL | (this.answers.length > 0 ? SR_RX_NOT_EMPTY : 0);
      case IDR:
        return SSI_IDENTIFICATION;
      case VERSION_ID:
        return SSI_VERSION;
      case DR0:
        return this.readData();
      default:
        return this.registers.get(offset) ?? 0;
    }
  }

  /**
   * @param {number} offset
   * @param {number} value
   */
  writeUint32(offset, value) {
    if (offset === DR0) {
      if (this.registers.get(SSIENR)) {
        this.answers.push(this.selection === "high" ? NOTHING : this.chip.shift(value & 0xff));
      }
      return;
    }
    if (offset === SSIENR && !value) {
      // Switched off: its buffers are emptied, and it selects nothing.
      this.answers = [];
      this.endByItself();
    }
    this.registers.set(offset, value);
  }

  readData() {
    const answer = this.answers.shift() ?? 0;
    if (this.answers.length === 0) {
      // A block that selects by itself stops when it has nothing more to send, and that has gone
      // out long before somebody has read all that came back.
      this.endByItself();
    }
    return answer;
  }

  endByItself() {
    if (this.selection === "by itself") {
      this.chip.deselect();
    }
  }
}

/** IO_QSPI, which the emulator does not have: the pins of the flash chip. */
export class QspiPins extends BasePeripheral {
  /**
   * @param {import("rp2040js").RP2040} mcu
   * @param {Ssi} ssi
   */
  constructor(mcu, ssi) {
    super(mcu, "IO_QSPI");
    this.ssi = ssi;
    /** @type {Map<number, number>} */
    this.registers = new Map();
  }

  /** @param {number} offset */
  readUint32(offset) {
    return this.registers.get(offset) ?? 0;
  }

  /**
   * @param {number} offset
   * @param {number} value
   */
  writeUint32(offset, value) {
    if (offset <= LAST_CTRL && (offset & 4) === 0) {
      return; // a status register
    }
    this.registers.set(offset, value >>> 0);
    if (offset === SS_CTRL) {
      const override = (value >>> OUTOVER_SHIFT) & 3;
      this.ssi.select(
        override === DRIVE_LOW ? "low" : override === DRIVE_HIGH ? "high" : "by itself",
      );
    }
  }
}
