/**
 * A bare Cortex-M0+ that executes one function: a JSON object in a line comes in with memory and
 * registers as they are before it, and one goes out with both as they are afterwards.
 *
 * Every few instructions an "interrupt" writes where one may, below the stack pointer, if there are
 * to be any. Where the chip would fault and the emulator is lenient, it says so: words are at
 * multiples of 4 only.
 */

import readline from "node:readline";

import { RP2040 } from "../../host_tools/simulator/rp2040/node/rp2040js.js";

const SRAM = 0x20000000;
const MOST_STEPS = 400_000;
const BETWEEN_INTERRUPTS = 7;
const STACKED = 32; // bytes that an interrupt writes

/** A generator of bytes (Numerical Recipes' linear one), the same for the same seed. */
function noise(/** @type {number} */ seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  };
}

/** @param {{sram: string, registers: number[], until: number, seed: number, interrupts: boolean}} call */
function run(call) {
  const mcu = new RP2040();
  const { core, sram } = mcu;
  const before = Buffer.from(call.sram, "hex");
  const random = noise(call.seed);
  sram.set(before);
  core.registers.set(call.registers);
  for (let steps = 1; core.PC >>> 1 !== call.until >>> 1; steps += 1) {
    const opcode = mcu.readUint16(core.PC & ~1);
    const base =
      opcode >> 12 === 0b1100 ? (opcode >> 8) & 7 : opcode >> 12 === 0b0110 ? (opcode >> 3) & 7 : -1;
    if (base >= 0 && core.registers[base] % 4 !== 0) {
      return { error: `unaligned access at ${core.PC.toString(16)}` };
    }
    core.executeInstruction();
    if (steps === MOST_STEPS) {
      return { error: "does not return" };
    }
    if (call.interrupts && steps % BETWEEN_INTERRUPTS === 0) {
      const top = core.SP - SRAM;
      for (let at = top - STACKED; at < top; at += 1) {
        sram[at] = random();
      }
    }
  }
  const after = Buffer.from(sram.subarray(0, before.length)).toString("hex");
  return { sram: after, registers: Array.from(core.registers), cycles: core.cycles };
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(run(JSON.parse(line)))}\n`);
}
