/**
 * Executes every 16-bit instruction on the emulator's own core and on ours, from the same random states,
 * where ours counts a cycle more for PUSH with LR and POP with PC (Cortex-M0+ Technical Reference Manual,
 * 3.3), and prints the first difference, or "same" and how many were executed. Arguments: where rp2040js is, a
 * seed, and how many states for each instruction.
 */

import { quickCore } from "../../../../host_tools/simulator/rp2040/node/quick_core.js";
import { RP2040 } from "../../../../host_tools/simulator/rp2040/node/rp2040js.js";

const OPCODES = 0x10000;
const HERE = 0x20010000;
const PUSH_WITH_LR = 0b10110101;
const POP_WITH_PC = 0b10111101;
const BETWEEN_LOOKS = 256; // at all of the memory
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

let executed = 0;
for (let round = 0; round < Number(process.argv[4]); round += 1) {
  for (let opcode = 0; opcode < OPCODES; opcode += 1) {
    const second = random(2) === 0 ? 0xd000 | random(0x1000) | (random(2) << 13) : random(OPCODES);
    const here = (random(2) === 0 ? HERE : 0x10000100) + 2 * random(64);
    const registers = Array.from({ length: 13 }, randomWord);
    registers.push((0x20000000 + random(0x41000)) & ~3, randomWord(), here);
    const flags = Array.from({ length: 4 }, () => random(2) === 1);
    for (const mcu of [theirs, ours]) {
      const { core } = mcu;
      const offset = here & 0xffffff;
      const view = here >>> 24 === 0x20 ? mcu.sramView : mcu.flashView;
      view.setUint16(offset, opcode, true);
      view.setUint16(offset + 2, second, true);
      core.registers.set(registers);
      [core.N, core.Z, core.C, core.V] = flags;
      core.PM = false;
      core.waiting = false;
      core.pendingSVCall = false;
      core.interruptsUpdated = false;
      core.eventRegistered = false;
    }
    theirs.core.executeInstruction();
    theirs.core.cycles += opcode >>> 8 === PUSH_WITH_LR || opcode >>> 8 === POP_WITH_PC ? 1 : 0;
    execute();
    executed += 1;
    const [right, found] = [seen(theirs), seen(ours)];
    const memory = executed % BETWEEN_LOOKS !== 0 || Buffer.compare(theirs.sram, ours.sram) === 0;
    if (right !== found || !memory) {
      console.log(`${opcode.toString(16)} ${second.toString(16)} from ${registers}: ${right}, not ${found}`);
      process.exit(1);
    }
  }
}
console.log(`same ${executed}`);
