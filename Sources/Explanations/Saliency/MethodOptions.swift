/// What an occluding patch is filled with.
package enum PatchFill: String, Sendable, CaseIterable {
  /// The mean of each of the picture's planes.
  case mean
  /// The picture, blurred beyond recognition.
  case blur
  /// Noise with the mean and the variance of each plane.
  case noise
}

/// The parameters of methods that the user may set.
package struct MethodOptions: Hashable, Sendable {
  /// Pictures that SmoothGrad, VarGrad and Integrated Gradients look at.
  package var samples = 32
  /// The standard deviation of SmoothGrad's and VarGrad's noise, as a share of the input's range.
  package var noise: Float = 0.15
  package var masks = 1000
  package var cells = 7
  /// The side of the occluding patch in pixels of the input; nil: a seventh of the shorter side.
  package var patch: Int?
  /// How far the patch moves; nil: a quarter of its side.
  package var stride: Int?
  package var fill = PatchFill.mean
  package var epsilon: Float = 1e-4
  /// Where random numbers start.
  package var seed = 1

  package init() {}
}
