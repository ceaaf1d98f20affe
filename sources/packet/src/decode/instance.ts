/** Compiled AssemblyScript: its module is read and compiled once, each instance has memory and state of its own. */
import { readFileSync } from 'node:fs';

const compiled = new Map<string, WebAssembly.Module>();

/** @param url of the `.wasm` file @param name what aborts, for the error @returns what an instance of it exports */
export function wasmInstance(url: URL, name: string): WebAssembly.Exports {
  let module = compiled.get(url.href);
  if (module === undefined) {
    module = new WebAssembly.Module(readFileSync(url));
    compiled.set(url.href, module);
  }
  const abort = () => {
    throw new Error(`The ${name} has aborted`);
  };
  return new WebAssembly.Instance(module, { env: { abort } }).exports;
}

/** What every module has that takes packets by the block. Addresses and counts: unsigned, as numbers of any sign. */
export interface FramingModule {
  readonly memory: WebAssembly.Memory;
  allocate(bytes: number): number;
  frameCapture(
    block: number,
    bytes: number,
    packets: number,
    maxPackets: number,
    form: number,
    linkType: number,
    interfaceNumber: number,
  ): number;
  frameRing(
    block: number,
    bytes: number,
    from: number,
    packets: number,
    maxPackets: number,
    linkType: number,
    interfaceNumber: number,
  ): number;
  framedNext(): number;
  framedOutcome(): number;
}
