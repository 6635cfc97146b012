/// The part of the network's input that a position of a map depends on, along one axis and in input pixels:
/// position `i` sees the pixels from `offset + i * stride` on, `size` of them.
package struct FieldAxis: Hashable, Sendable {
  /// How many pixels a position sees.
  package var size: Int
  /// How far the fields of neighbouring positions lie apart; 0 where a position sees everything.
  package var stride: Int
  /// Where the field of position 0 begins; negative inside the padding.
  package var offset: Int

  package init(size: Int, stride: Int, offset: Int) {
    (self.size, self.stride, self.offset) = (size, stride, offset)
  }

  /// The field of a layer whose window of `kernel` taps, `dilation` apart, moves by `step` from `pad` before the start:
  /// `r' = r + (k - 1) d j`, `j' = j s`, `o' = o - p j` (Araujo, Norris, Sim, "Computing receptive fields of convolutional
  /// neural networks", Distill 2019, equations 2 to 4 with left edges in place of centres).
  func sliding(kernel: Int, dilation: Int, step: Int, pad: Int) -> FieldAxis {
    guard stride > 0 else { return self }
    return FieldAxis(
      size: saturating(size, plus: saturating((kernel - 1) * dilation, times: stride)),
      stride: saturating(stride, times: step), offset: saturating(offset, plus: -saturating(pad, times: stride)))
  }

  /// The field of a position that combines the same position of two maps; nil when their fields move differently.
  package func union(_ other: FieldAxis) -> FieldAxis? {
    guard stride == other.stride || stride == 0 || other.stride == 0 else { return nil }
    let begin = min(offset, other.offset)
    let end = max(offset + size, other.offset + other.size)
    return FieldAxis(size: end - begin, stride: max(stride, other.stride), offset: begin)
  }
}

/// The part of the network's input that a position of a map depends on.
package struct ReceptiveField: Hashable, Sendable {
  package var height: FieldAxis, width: FieldAxis

  package init(height: FieldAxis, width: FieldAxis) { (self.height, self.width) = (height, width) }

  /// The field of an input pixel: itself.
  static let pixel = ReceptiveField(
    height: FieldAxis(size: 1, stride: 1, offset: 0), width: FieldAxis(size: 1, stride: 1, offset: 0))

  /// The field of a value that depends on the whole picture.
  static func whole(_ extent: Spatial) -> ReceptiveField {
    ReceptiveField(
      height: FieldAxis(size: extent.height, stride: 0, offset: 0),
      width: FieldAxis(size: extent.width, stride: 0, offset: 0))
  }

  func sliding(_ window: Window, input: Spatial) -> ReceptiveField {
    let pads = window.resolvedPads(input: input)
    return ReceptiveField(
      height: height.sliding(
        kernel: window.kernel.height, dilation: window.dilations.height, step: window.strides.height, pad: pads.top),
      width: width.sliding(
        kernel: window.kernel.width, dilation: window.dilations.width, step: window.strides.width, pad: pads.left))
  }

  func union(_ other: ReceptiveField) -> ReceptiveField? {
    guard let height = height.union(other.height), let width = width.union(other.width) else { return nil }
    return ReceptiveField(height: height, width: width)
  }
}
