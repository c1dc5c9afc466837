/**
 * One life of the chip, from a reset to the next, with what the emulator gets wrong mended.
 *
 * A reset makes a new machine: every block is then as the data sheet has it after a reset. What
 * outlives one, the chip hands over (chip.js).
 */

import { RP2040 } from "./rp2040js.js";

import { ChipReset, RandomOscillator } from "./blocks.js";
import { Clock } from "./clock.js";
import { FlashChip, QspiPins, Ssi } from "./flash_chip.js";
import { log } from "./log.js";
import { quickCore } from "./quick_core.js";

const FLASH_START = 0x10000000;
const SSI = 0x18000;
const IO_QSPI = 0x40018;
const WATCHDOG = 0x40058;
const ROSC = 0x40060;
const VREG_AND_CHIP_RESET = 0x40064;
const WATCHDOG_LOAD = 0x04;
// ARMv6-M Architecture Reference Manual, B3.2.7; RP2040 data sheet, 2.18.4
const SYSTEM_CONTROL = 0xd10;
const SLEEPDEEP = 1 << 2;
const PLL_CS = 0x00;
const PLL_POWERED_DOWN = 1 << 0;
const NS_PER_S = 1e9;
const MANY_CYCLES = 1 << 30;

/**
 * @typedef {object} Surroundings
 * @property {Uint32Array} bootrom
 * @property {Uint8Array} uniqueId of the flash chip
 * @property {Uint8Array} flash what is in it
 * @property {Uint8Array | null} sram of the life before
 * @property {number} cause of the reset, for the register that tells it
 * @property {{reason: number, scratch: Uint32Array} | null} watchdog what it remembers
 * @property {(address: number, size: number) => void} onErase a part of the flash was erased
 * @property {(address: number, data: Uint8Array) => void} onProgram a page of it was programmed
 * @property {() => void} onFed the firmware feeds its watchdog
 * @property {() => void} onBite the watchdog restarts the chip
 */

export class Machine {
  /** @param {Surroundings} around */
  constructor(around) {
    this.clock = new Clock();
    this.mcu = new RP2040(this.clock);
    this.mcu.logger = log;
    this.mcu.loadBootrom(around.bootrom);
    this.mcu.flash.set(around.flash);
    if (around.sram) {
      this.mcu.sram.set(around.sram);
    }
    const { peripherals } = this.mcu;
    const { uniqueId, onErase, onProgram } = around;
    const ssi = new Ssi(this.mcu, new FlashChip(this.mcu.flash, uniqueId, onErase, onProgram));
    this.chipReset = new ChipReset(this.mcu, around.cause);
    peripherals[SSI] = ssi;
    peripherals[IO_QSPI] = new QspiPins(this.mcu, ssi);
    peripherals[ROSC] = new RandomOscillator(this.mcu);
    peripherals[VREG_AND_CHIP_RESET] = this.chipReset;
    this.watchdog = /** @type {Watchdog} */ (/** @type {unknown} */ (peripherals[WATCHDOG]));
    this.connectWatchdog(around);
    this.takePioOver();
    this.pllSys = this.unlockedWhileOff(this.mcu.pllSys);
    this.unlockedWhileOff(this.mcu.pllUsb);
    this.systemControl = 0;
    this.rememberSystemControl();
    /** How long the processor has slept with its clocks stopped. */
    this.deepNs = 0;
    this.nsPerCycle = NS_PER_S / this.mcu.clkSys;
    this.mcu.addClockListener((hertz) => {
      this.nsPerCycle = NS_PER_S / hertz;
    });
    this.execute = quickCore(this.mcu);
    this.mcu.core.PC = FLASH_START; // where the boot ROM jumps to
  }

  /** Execute instructions, or sleep, until `endNs`; or, if wanted, until the processor sleeps.
   *  @param {number} endNs
   *  @param {boolean} stopAtSleep */
  run(endNs, stopAtSleep) {
    const { clock, mcu } = this;
    const { core } = mcu;
    clock.endAt(endNs);
    while (clock.nanos < clock.end) {
      if (core.waiting) {
        if (stopAtSleep) {
          return;
        }
        const isDeep = this.sleepsDeeply;
        const beforeNs = clock.nanos;
        clock.passTo(Math.min(clock.nextNs, clock.end));
        this.deepNs += isDeep ? clock.nanos - beforeNs : 0;
      } else if (this.pioRuns) {
        this.step();
        mcu.pio.forEach((block) => block.step());
      } else {
        const { nsPerCycle, execute } = this;
        while (clock.nanos < clock.horizon && !core.waiting) {
          const left = Math.min(Math.ceil((clock.horizon - clock.nanos) / nsPerCycle), MANY_CYCLES);
          // Not in one expression: an instruction may let time pass by itself (flash).
          const cycles = execute(left);
          clock.nanos += cycles * nsPerCycle;
        }
        clock.passTo(clock.nanos);
      }
    }
  }

  step() {
    const cycles = this.execute(1);
    this.clock.passTo(this.clock.nanos + cycles * this.nsPerCycle);
  }

  /** End the present run after the present instruction. */
  stop() {
    this.clock.endAt(-1);
  }

  /** Let time pass while the chip stands still; the watchdog does not count it.
   *  @param {number} durationNs */
  jump(durationNs) {
    const { timer } = this.watchdog;
    const counting = timer.enable;
    timer.enable = false;
    this.clock.passTo(this.clock.nanos + durationNs);
    timer.enable = counting;
  }

  get asleep() {
    return this.mcu.core.waiting;
  }

  /** Whether this is no short rest: MicroPython leaves SLEEPDEEP set, but starts the PLL again. */
  get sleepsDeeply() {
    const isDeep = (this.systemControl & SLEEPDEEP) !== 0;
    return this.asleep && isDeep && (this.pllSys.pwr & PLL_POWERED_DOWN) !== 0;
  }

  /** A PLL without power has no lock. The emulator's always has, so that firmware which stopped it
   *  would find it running, and leave it so.
   *  @param {object} block */
  unlockedWhileOff(block) {
    const pll = /** @type {Pll} */ (block);
    const read = pll.readUint32.bind(pll);
    pll.readUint32 = (offset) =>
      offset === PLL_CS && (pll.pwr & PLL_POWERED_DOWN) !== 0 ? pll.cs : read(offset);
    return pll;
  }

  /** The emulator knows no System Control Register; what is written there, is only remembered. */
  rememberSystemControl() {
    const { ppb } = this.mcu;
    const read = ppb.readUint32.bind(ppb);
    const write = ppb.writeUint32.bind(ppb);
    ppb.readUint32 = (offset) => (offset === SYSTEM_CONTROL ? this.systemControl : read(offset));
    ppb.writeUint32 = (offset, value) => {
      if (offset === SYSTEM_CONTROL) {
        this.systemControl = value;
      } else {
        write(offset, value);
      }
    };
  }

  /** @param {Surroundings} around */
  connectWatchdog(around) {
    const dog = this.watchdog;
    if (around.watchdog) {
      dog.reason = around.watchdog.reason;
      dog.scratchData.set(around.watchdog.scratch);
    }
    dog.onWatchdogTrigger = () => {
      dog.timer.enable = false; // or it would bite again at once, and for ever
      around.onBite();
    };
    const write = dog.writeUint32.bind(dog);
    dog.writeUint32 = (offset, value) => {
      write(offset, value);
      if (offset === WATCHDOG_LOAD && dog.timer.enable) {
        around.onFed();
      }
    };
  }

  /** The emulator lets PIO blocks run in the computer's time; here they take a step after each
   *  instruction, as long as one is switched on. */
  takePioOver() {
    for (const block of this.mcu.pio) {
      block.run = () => {};
    }
  }

  get pioRuns() {
    return this.mcu.pio.some((block) => !block.stopped);
  }
}

/**
 * What is used of the emulator's watchdog, whose class it does not export.
 * @typedef {object} Watchdog
 * @property {number} reason
 * @property {Uint32Array} scratchData
 * @property {{enable: boolean}} timer
 * @property {() => void} onWatchdogTrigger
 * @property {(offset: number, value: number) => void} writeUint32
 */

/**
 * The same of its PLLs.
 * @typedef {{cs: number, pwr: number, readUint32: (offset: number) => number}} Pll
 */
