import CKernels
import Foundation

/// Which instruction set the kernels use.
package enum ISA: String, Sendable, CaseIterable {
  /// Plain C: runs everywhere, and is what the others are tested against.
  case scalar
  /// x86-64 with AVX2, FMA and F16C.
  case avx2
  /// x86-64 with AVX-512 F, BW, DQ and VL.
  case avx512
  /// AArch64 with Advanced SIMD.
  case neon

  /// What the environment variable FOVEA_ISA names if this CPU can run it, else the best.
  package static var best: ISA { allCases.first { $0.kernels == fovea_isa_default() } ?? .scalar }

  /// The best that this CPU and operating system support.
  static var supportedBest: ISA { allCases.first { $0.kernels == fovea_isa_best() } ?? .scalar }

  /// True when this CPU can run it.
  package var isSupported: Bool { fovea_isa_supported(kernels) != 0 }

  /// The kernels' number for it.
  package var kernels: fovea_isa {
    switch self {
    case .scalar: FOVEA_SCALAR
    case .avx2: FOVEA_AVX2
    case .avx512: FOVEA_AVX512
    case .neon: FOVEA_NEON
    }
  }

  /// The instruction set to use: the one that was asked for; else the one that FOVEA_ISA names; else the best.
  ///
  /// - Throws: `InferenceError` when this CPU lacks it, or FOVEA_ISA counts and names nothing.
  package static func resolved(_ wanted: ISA?) throws -> ISA {
    var isa = wanted ?? .best
    if wanted == nil, let name = ProcessInfo.processInfo.environment["FOVEA_ISA"], !name.isEmpty {
      guard let named = ISA(rawValue: name) else {
        throw InferenceError(
          "FOVEA_ISA is '\(name)', which is no instruction set; use \(supportedNames) or leave it unset")
      }
      isa = named
    }
    guard isa.isSupported else { throw InferenceError("this CPU has no \(isa.rawValue); use \(supportedNames)") }
    return isa
  }

  private static var supportedNames: String {
    allCases.filter(\.isSupported).map(\.rawValue).joined(separator: " or ")
  }
}

/// How exactly a session computes.
package enum Precision: String, Sendable, CaseIterable {
  /// Within 3e-5 of float32, by max |difference| / rms of an output: weights that are read once per run may be stored in 20 bits.
  case fp32
  /// As `fp32`, but the weights of large fully connected layers are halves, exact to about 1e-3.
  case fp16Weights = "fp16-weights"
  /// Convolutions multiply numbers of 8 significant bits and sum in float32; values between them are kept so. Weights of fully
  /// connected layers are halves. Only where the CPU has vdpbf16ps.
  case bf16
}

/// How a session computes.
package struct SessionOptions: Sendable {
  /// Threads that share each step, the caller's included; at least 1.
  package var threads: Int
  /// The instruction set; nil for the one that FOVEA_ISA names, else the best.
  package var isa: ISA?
  /// Keeps packed weights small where a faster algorithm would need larger ones. The numbers change by rounding only.
  package var lean: Bool
  /// Pictures that one run takes: the first axis of every input, output and tap. Each gets the numbers that it gets alone.
  package var batch = 1
  /// How exactly.
  package var precision = Precision.fp32
  /// How it chooses between algorithms.
  package var tuning = Tuning.rule
  /// Where measured choices are kept.
  package var tuningStore = TuningStore.shared

  /// The cores that this process may use, at most 8, unless given.
  package init(
    threads: Int = min(8, ProcessInfo.processInfo.activeProcessorCount), isa: ISA? = nil, lean: Bool = false
  ) {
    (self.threads, self.isa, self.lean) = (threads, isa, lean)
  }
}
