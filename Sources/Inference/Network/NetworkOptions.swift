import Foundation

/// How a network is computed.
package struct NetworkOptions: Sendable {
  /// Threads of the pool that the network makes for itself, the caller's included, 1 to 256. It does not count where the caller brings
  /// a pool.
  package var threads: Int
  /// The instruction set; nil for the one that FOVEA_ISA names, else the best.
  package var isa: ISA?
  /// Keeps packed weights small where a faster algorithm would need larger ones. The numbers change by rounding only.
  package var lean: Bool
  package var precision = Precision.fp32
  /// Whether contested layers are measured, which the first time takes a second or so.
  package var tuning = Tuning.rule
  /// Where measured choices are kept.
  package var tuningStore = TuningStore.shared

  /// - Parameter threads: the cores that this process may use, at most 8, unless given.
  package init(
    threads: Int = min(8, ProcessInfo.processInfo.activeProcessorCount), isa: ISA? = nil, lean: Bool = false
  ) {
    (self.threads, self.isa, self.lean) = (threads, isa, lean)
  }
}
