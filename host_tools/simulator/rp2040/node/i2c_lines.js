/**
 * The two I2C lines, at byte level (the chip's I2C block) and at pin level.
 *
 * `machine.I2C.scan()` does not use the block: MicroPython sends its empty writes by switching the
 * pins, so the bus answers there as well.
 */

import { GPIOPinState } from "./rp2040js.js";

const BITS_PER_BYTE = 9; // eight and the acknowledge
const TX_EMPTY = 1 << 4; // IC_RAW_INTR_STAT, RP2040 data sheet 4.3.17

/**
 * Who is on the bus.
 * @typedef {object} Bus
 * @property {() => void} begin an address is on its way
 * @property {(address: number, reading: boolean) => boolean} start START and address; whether somebody
 *     acknowledged
 * @property {(byte: number) => boolean} write one byte; whether it was acknowledged
 * @property {() => number} read one byte
 * @property {() => void} stop
 */

/**
 * Connects an I2C block of the chip to the bus; each byte takes the time of its nine bits there.
 * @param {import("rp2040js").RP2040} mcu
 * @param {import("rp2040js").RPI2C} block
 * @param {Bus} bus
 * @param {(durationNs: number) => void} onBusy
 */
export function connectBlock(mcu, block, bus, onBusy) {
  /** @type {(() => void) | null} */
  let then = null;
  const alarm = mcu.clock.createAlarm(() => {
    const next = then;
    then = null;
    next?.();
  });

  /**
   * @param {number} bits
   * @param {() => void} action
   */
  function after(bits, action) {
    const clocks = block.sclHighPeriod + block.sclLowPeriod;
    const durationNs = (bits * clocks * 1e9) / mcu.clkSys;
    onBusy(durationNs);
    then = action;
    alarm.schedule(durationNs);
  }

  /** The emulator's abort empties the FIFO without raising TX_EMPTY, for which the Pico's SDK waits
   *  before it looks at the reason: every missing device would be a timeout.
   *  @param {boolean} acked */
  function afterNack(acked) {
    if (!acked) {
      /** @type {any} */ (block).setInterrupts(TX_EMPTY);
    }
  }

  block.onStart = () => after(1, () => block.completeStart());
  block.onConnect = (address, mode) => {
    bus.begin();
    after(BITS_PER_BYTE, () => {
      const acked = bus.start(address, mode === 1);
      block.completeConnect(acked);
      afterNack(acked);
    });
  };
  block.onWriteByte = (byte) =>
    after(BITS_PER_BYTE, () => {
      const acked = bus.write(byte);
      block.completeWrite(acked);
      afterNack(acked);
    });
  block.onReadByte = () => after(BITS_PER_BYTE, () => block.completeRead(bus.read()));
  block.onStop = () =>
    after(1, () => {
      bus.stop();
      block.completeStop();
    });
}

/** The same bus for firmware that drives the pins itself: addresses and writes, no reads. */
export class BusPins {
  /**
   * @param {import("./pins.js").Pins} pins
   * @param {number} scl
   * @param {number} sda
   * @param {Bus} bus
   */
  constructor(pins, scl, sda, bus) {
    this.pins = pins;
    this.sdaPin = sda;
    this.bus = bus;
    this.scl = true;
    this.sda = true;
    /** Of the present byte; -1 between STOP and START. */
    this.bits = -1;
    this.byte = 0;
    this.addressed = false;
    for (const pin of [scl, sda]) {
      pins.set(pin, 1); // the modules have pull-ups
    }
    pins.gpio[scl].addListener((state) => this.sclChanges(state !== GPIOPinState.Low));
    pins.gpio[sda].addListener((state) => this.sdaChanges(state !== GPIOPinState.Low));
  }

  /** @param {boolean} level */
  sdaChanges(level) {
    if (level === this.sda) {
      return;
    }
    this.sda = level;
    if (!this.scl) {
      return;
    }
    if (!level) {
      // falling while the clock is high: START
      this.bits = 0;
      this.byte = 0;
      this.addressed = false;
    } else if (this.bits >= 0) {
      this.bits = -1;
      this.bus.stop();
    }
  }

  /** @param {boolean} level */
  sclChanges(level) {
    if (level === this.scl) {
      return;
    }
    this.scl = level;
    if (this.bits < 0) {
      return;
    }
    if (level) {
      if (this.bits < 8) {
        this.byte = (this.byte << 1) | Number(this.sda);
      }
      this.bits += 1;
    } else if (this.bits === 8) {
      this.pins.set(this.sdaPin, this.acked() ? 0 : 1);
    } else if (this.bits === BITS_PER_BYTE) {
      this.pins.set(this.sdaPin, 1);
      this.bits = 0;
      this.byte = 0;
    }
  }

  acked() {
    if (this.addressed) {
      return this.bus.write(this.byte);
    }
    this.addressed = true;
    return this.bus.start(this.byte >> 1, (this.byte & 1) === 1);
  }
}
