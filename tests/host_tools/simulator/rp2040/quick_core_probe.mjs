/**
 * Executes every 16-bit instruction on the emulator's own core and on ours, from the same random states,
 * and then random programs, where ours counts a cycle more for PUSH with LR and POP with PC (Cortex-M0+
 * Technical Reference Manual, 3.3). Prints the first difference, or "same", and how many instructions and
 * programs there were. Arguments: where rp2040js is, a seed, how many states for each instruction, and how
 * many programs.
 */

import { quickCore } from "../../../../host_tools/simulator/rp2040/node/quick_core.js";
import { RP2040 } from "../../../../host_tools/simulator/rp2040/node/rp2040js.js";

const OPCODES = 0x10000;
const HERE = 0x20010000;
const PUSH_WITH_LR = 0b10110101;
const POP_WITH_PC = 0b10111101;
const BETWEEN_LOOKS = 256; // at all of the memory
const LENGTH = 32; // of a program
const CYCLES = 48; // for which it runs
const EDGES = [0, 1, 2, 31, 32, 33, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

console.warn = () => {}; // what the emulator says of addresses where nobody is

let state = Number(process.argv[3]) >>> 0;

/** Numerical Recipes' generator. @param {number} below */
function random(below) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

function randomWord() {
  const alignment = random(4) === 0 ? 1 : ~3;
  switch (random(5)) {
    case 0:
      return EDGES[random(EDGES.length)];
    case 1:
      return (0x10000000 + random(0x8000)) & alignment;
    case 2:
    case 3:
      return (0x20000000 + random(0x42400)) & (random(4) === 0 ? ~0 : ~3); // and a little beyond
    default:
      return random(2 ** 32);
  }
}

function newChip() {
  const mcu = new RP2040();
  mcu.logger = quiet;
  for (const block of mcu.pio) {
    block.run = () => {}; // a program may start one, and it would run by a timer of Node for ever
  }
  return mcu;
}

/** @param {InstanceType<typeof RP2040>} mcu */
function seen(mcu) {
  const { core } = mcu;
  const { N, Z, C, V, PM, cycles, waiting, pendingSVCall } = core;
  return JSON.stringify([...core.registers, N, Z, C, V, PM, cycles, waiting, pendingSVCall]);
}

const theirs = newChip();
const ours = newChip();
const execute = quickCore(ours);
for (let at = 0; at < theirs.sram.length; at += 1) {
  theirs.sram[at] = random(256);
}
for (let at = 0; at < 0x10000; at += 1) {
  theirs.flash[at] = random(256);
}
ours.sram.set(theirs.sram);
ours.flash.set(theirs.flash);

/**
 * The same state for both, and these instructions where their PC is.
 * @param {number} here
 * @param {number[]} program
 */
function prepare(here, program) {
  const registers = Array.from({ length: 13 }, randomWord);
  registers.push((0x20000000 + random(0x41000)) & ~3, randomWord(), here);
  const flags = Array.from({ length: 4 }, () => random(2) === 1);
  for (const mcu of [theirs, ours]) {
    const { core } = mcu;
    const view = here >>> 24 === 0x20 ? mcu.sramView : mcu.flashView;
    program.forEach((opcode, at) => view.setUint16((here & 0xffffff) + 2 * at, opcode, true));
    core.registers.set(registers);
    [core.N, core.Z, core.C, core.V] = flags;
    core.PM = false;
    core.waiting = false;
    core.pendingSVCall = false;
    core.interruptsUpdated = false;
    core.eventRegistered = false;
  }
  return registers;
}

function executeTheirs() {
  const opcode = theirs.readUint16(theirs.core.PC) >>> 8;
  const more = opcode === PUSH_WITH_LR || opcode === POP_WITH_PC ? 1 : 0;
  theirs.core.cycles += more;
  return theirs.core.executeInstruction() + more;
}

/**
 * @param {number} number of comparisons so far
 * @param {string} what was executed
 */
function compare(number, what) {
  const [right, found] = [seen(theirs), seen(ours)];
  const memory = number % BETWEEN_LOOKS !== 0 || Buffer.compare(theirs.sram, ours.sram) === 0;
  if (right !== found || !memory) {
    console.log(`${what}: ${right}, not ${found}${memory ? "" : ", and other memory"}`);
    process.exit(1);
  }
}

/**
 * Whether a program is to go on: not in an exception, where the emulator's PC is odd.
 * @param {InstanceType<typeof RP2040>} mcu
 */
const goesOn = ({ core }) => !core.waiting && !core.pendingSVCall;

/** @param {number[]} program */
const hex = (program) => program.map((opcode) => opcode.toString(16)).join(" ");

let executed = 0;
for (let round = 0; round < Number(process.argv[4]); round += 1) {
  for (let opcode = 0; opcode < OPCODES; opcode += 1) {
    const second = random(2) === 0 ? 0xd000 | random(0x1000) | (random(2) << 13) : random(OPCODES);
    const here = (random(2) === 0 ? HERE : 0x10000100) + 2 * random(64);
    const registers = prepare(here, [opcode, second]);
    executeTheirs();
    execute(1);
    executed += 1;
    compare(executed, `${hex([opcode, second])} from ${registers}`);
  }
}

let programs = 0;
while (programs < Number(process.argv[5])) {
  const program = Array.from({ length: LENGTH }, () => random(OPCODES));
  const registers = prepare(random(2) === 0 ? HERE : 0x10000100, program);
  for (let cycles = 0; cycles < CYCLES && goesOn(theirs);) {
    cycles += executeTheirs();
  }
  for (let cycles = 0; cycles < CYCLES && goesOn(ours);) {
    cycles += execute(CYCLES - cycles);
  }
  programs += 1;
  compare(programs, `${hex(program)} from ${registers}`);
}
console.log(`same ${executed} ${programs}`);
