/**
 * What is wired to the pins from outside: a level, or nothing.
 *
 * The emulator knows only levels; with nothing wired, a pin is what its pull-up makes of it. And at
 * every look at a pin the emulator tells of an edge, also where the level stays.
 */

export const OPEN = 2;

export class Pins {
  /** @param {Map<number, number>} levels by pin: 0, 1 or OPEN; outlives a reset of the chip */
  constructor(levels = new Map()) {
    this.levels = levels;
    /** @type {readonly import("rp2040js").GPIOPin[]} */
    this.gpio = [];
  }

  /** A chip is there, whose pins are these. @param {import("rp2040js").RP2040} mcu */
  attach(mcu) {
    this.gpio = mcu.gpio;
    for (const pin of mcu.gpio) {
      const seesLevel = pin.setInputValue.bind(pin);
      let before = pin.inputValue;
      pin.setInputValue = (value) => {
        /** @type {any} */ (pin).rawInputValue = value;
        if (pin.inputValue !== before) {
          before = pin.inputValue;
          seesLevel(value);
        }
      };
      this.apply(pin.index);
    }
    const pads = mcu.peripherals[0x4001c];
    const write = pads.writeUint32Atomic.bind(pads);
    pads.writeUint32Atomic = (offset, value, atomicType) => {
      write(offset, value, atomicType);
      const index = (offset - 4) >> 2; // VOLTAGE_SELECT comes first
      if (index >= 0 && index < this.gpio.length) {
        this.apply(index);
      }
    };
  }

  /**
   * @param {number} index
   * @param {number} level 0, 1 or OPEN
   */
  set(index, level) {
    this.levels.set(index, level);
    this.apply(index);
  }

  /** @param {number} index */
  apply(index) {
    const level = this.levels.get(index);
    if (level !== undefined) {
      const pin = this.gpio[index];
      pin.setInputValue(level === OPEN ? pin.pullupEnabled : level === 1);
    }
  }
}
