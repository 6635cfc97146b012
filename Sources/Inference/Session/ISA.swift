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
