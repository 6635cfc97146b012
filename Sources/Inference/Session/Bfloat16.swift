import CKernels

/// The unit of this CPU that multiplies bfloat16.
enum Bfloat16 {
  /// AMX tiles or vdpbf16ps; nil where the CPU has neither.
  static let unit: fovea_bf16_isa? = {
    let best = fovea_bf16_best()
    return best == FOVEA_BF16_NONE ? nil : best
  }()

  /// Refuses what the CPU, or the instruction set that is asked for, lacks.
  static func check(_ precision: Precision, _ isa: ISA) throws {
    guard precision == .bf16 else { return }
    guard unit != nil else {
      throw InferenceError(
        "precision bf16 needs a CPU with AVX512_BF16 (vdpbf16ps), which this one lacks; use fp32 or fp16-weights")
    }
    guard isa == .avx512 else {
      throw InferenceError(
        "precision bf16 needs the instruction set avx512, not \(isa.rawValue); use fp32 or fp16-weights with it")
    }
  }

  /// The unit's name in plans.
  static func name(_ unit: fovea_bf16_isa) -> String { unit == FOVEA_BF16_AMX ? "AMX bf16" : "avx512 bf16" }
}
