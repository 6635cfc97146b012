import CKernels
import Synchronization
import Telemetry

/// The choices that were measured, in memory and in the cache.
///
/// A network's numbers must be the same from run to run and for every number of threads, but algorithms round
/// differently. Hence these rules:
/// - Everything is measured on one thread, and the key has no number of threads: every session gets the same choices.
/// - Only the sizes of the main graph's layers count, not what is tapped or fused.
/// - A choice is used only once it is kept: where the cache cannot be written, the rule decides, now and the next time.
/// - Of processes that measure at once, the first to write decides for all; of sessions in one process, the first.
package final class TuningStore: Sendable {
  private struct State {
    var known: [String: TunedChoices] = [:]
    var kernelRuns = 0
  }

  /// The one in the user's cache.
  package static let shared = TuningStore(folder: TuningCache.standardFolder)

  private let cache: TuningCache
  private let cpu: String
  private let clock: any TimeSource
  private let state = Mutex(State())

  /// A store over this folder; with nil nothing is ever measured.
  /// - Parameters:
  ///   - cpu: what the CPU is called; this machine's unless given.
  ///   - clock: what measures.
  package init(folder: String?, cpu: String? = nil, clock: any TimeSource = SystemTime()) {
    (cache, self.cpu, self.clock) = (TuningCache(folder: folder), cpu ?? CPUIdentity.here, clock)
  }

  /// How many kernel runs were measured through this store.
  var kernelRuns: Int { state.withLock { $0.kernelRuns } }

  /// The choices for a network's contested layers; empty where the rule decides.
  /// - Parameter model: `Graph.fingerprint`.
  func choices(for layers: [ContestedLayer], model: String, isa: ISA, lean: Bool) -> TunedChoices {
    let sizes = StableHash.of(layers.map(\.layer.text).sorted().joined(separator: "\n"))
    let ways = [isa.rawValue, lean ? "lean" : nil, layers.contains { $0.bfloat16 != nil } ? "bf16" : nil]
    let key = "\(programVersion); \(ways.compactMap { $0 }.joined(separator: ", ")); \(model) \(sizes); \(cpu)"
    guard !layers.isEmpty, let path = cache.path(model: model, key: key) else { return [:] }
    return state.withLock { state in
      if let known = state.known[path] { return known }
      let choices = kept(layers, at: path, key: key) ?? measured(layers, at: path, key: key, isa, &state.kernelRuns)
      state.known[path] = choices
      return choices
    }
  }

  private func kept(_ layers: [ContestedLayer], at path: String, key: String) -> TunedChoices? {
    if let file = cache.read(path, key: key), file.fits(layers) { return file.choices }
    if cache.exists(path) { Telemetry.Log.debug("\(path) is damaged or not for this network, and is ignored") }
    return nil
  }

  private func measured(
    _ layers: [ContestedLayer], at path: String, key: String, _ isa: ISA, _ runs: inout Int
  ) -> TunedChoices {
    let hint = "algorithms are chosen without measuring"
    guard cache.isWritable() else {
      Telemetry.Log.debug("\(path) cannot be written; \(hint)")
      return [:]
    }
    let start = clock.now()
    var tuner = Tuner(isa: isa, clock: clock)
    let file = TuningFile(key: key, choices: tuner.choices(for: layers))
    runs += tuner.kernelRuns
    guard let kept = cache.write(file, to: path, accepts: { $0.fits(layers) }) else {
      Telemetry.Log.debug("\(path) cannot be written; \(hint)")
      return [:]
    }
    let milliseconds = Int(clock.now().seconds(since: start) * 1e3)
    Telemetry.Log.debug("measured \(layers.count) layers in \(milliseconds) ms; the choices are in \(path)")
    return kept.choices
  }
}
