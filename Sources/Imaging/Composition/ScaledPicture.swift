import Frames
import Tensors

/// A picture scaled to a size of its own, as RGB.
final class ScaledPicture {
  let width: Int, height: Int
  private let scaler: Preprocessor
  /// Red, green and blue, 0…255, [3, height, width].
  let planes: Tensor
  private let scale: (x: Double, y: Double)

  init(_ format: FrameFormat, _ width: Int, _ height: Int) throws {
    (self.width, self.height) = (width, height)
    let squash = InputTransform(
      height: height, width: width, fit: .squash, resizeTo: nil, color: .rgb, scale: 1, mean: [0, 0, 0], std: [1, 1, 1])
    scaler = try Preprocessor(format: format, transform: squash)
    planes = Tensor(.float32, [3, height, width])
    scale = (Double(width) / Double(format.width), Double(height) / Double(format.height))
  }

  func fill(_ picture: Frame) {
    if let base = planes.view.floats.baseAddress { scaler.fill(picture, into: base) }
  }

  /// Where something lies that had this place on the picture.
  func placed(_ placement: InputPlacement) -> InputPlacement { placement.scaled(scale.x, scale.y) }

  /// Copies it to an RGB canvas; what lies outside of the clip is left out.
  func draw(on canvas: Canvas, at place: (x: Int, y: Int)) {
    let values = planes.view.floats
    let area = Rect(x: place.x, y: place.y, width: width, height: height).intersection(canvas.clip)
    for c in 0..<3 {
      let channel = canvas.channels[c]
      for row in area.y..<area.maxY {
        let target = canvas.address(channel, area.x, row)
        let source = (c * height + row - place.y) * width + area.x - place.x
        for column in 0..<area.width {
          target[column * channel.component.step] = UInt8(min(max(values[source + column], 0), 255).rounded())
        }
      }
    }
  }
}
