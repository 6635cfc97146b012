/// How exactly a network is computed.
package enum Precision: String, Sendable, CaseIterable {
  /// Within 3e-5 of float32, by max |difference| / rms of an output: weights that are read once per run may be stored in 20 bits.
  case fp32
  /// As `fp32`, but the weights of large fully connected layers are halves, exact to about 1e-3.
  case fp16Weights = "fp16-weights"
  /// Convolutions multiply numbers of 8 significant bits and sum in float32; values between them are kept so. Weights of fully
  /// connected layers are halves. Only where the CPU has vdpbf16ps.
  case bf16
}
