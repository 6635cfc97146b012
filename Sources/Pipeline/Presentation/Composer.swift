import Frames
import Imaging

/// Puts picture and overlays together into the frames that sinks get. One thread at a time.
package final class Composer {
  /// The format of the composed frames: the source's own, larger for `.side` and `.below`.
  package let outputFormat: FrameFormat
  package let areas: OverlayAreas
  /// The rectangles that the latest `compose` drew overlays on; everything else is the picture, bit for bit, or the
  /// ground beside it.
  package private(set) var covered = CoveredAreas()
  /// Lines of text that had to be set so far; stands still while the same texts come again.
  var textMisses: Int { text.misses }
  private let text: TextSetter
  private let input: FrameFormat
  private let canvas: Canvas
  private let overlays: [any Overlay]
  private let ground: [Rect]

  /// A composer for frames of this format. Throws for pixel formats that cannot be drawn on, and for text where there is no font.
  package init(input: FrameFormat, layout: PictureLayout, style: OverlayStyle = OverlayStyle()) throws {
    let size = layout.outputSize(width: input.width, height: input.height, aspect: input.pixelAspect)
    var output = input
    (output.width, output.height) = size
    let canvas = try Canvas(output)
    let areas = layout.areas(
      width: input.width, height: input.height, topCount: style.topCount, aspect: input.pixelAspect)
    let text = TextSetter(canvas: canvas)
    self.text = text
    let kinds = OverlayTable.all.filter { style.overlays.contains($0.name) }
    if kinds.contains(where: { $0.hasText }) { try TextSetter.checkFonts() }
    overlays =
      kinds.map { $0.init(canvas: canvas, style: style, areas: areas, text: text) }
    (self.input, outputFormat, self.canvas, self.areas) = (input, output, canvas, areas)
    ground = [
      Rect(x: input.width, y: 0, width: size.width - input.width, height: size.height),
      Rect(x: 0, y: input.height, width: min(input.width, size.width), height: size.height - input.height),
    ].filter { !$0.isEmpty }
  }

  /// True for frames that this composer can take.
  package func takes(_ format: FrameFormat) -> Bool {
    format.pixelFormat == input.pixelFormat && format.width == input.width && format.height == input.height
      && format.color == input.color && format.pixelAspect == input.pixelAspect
  }

  /// Copies a picture and its properties into `target`, which has the output's format, and draws the overlays.
  /// - Parameter shown: what is known of the picture; nil draws no overlays.
  package func compose(_ picture: Frame, _ shown: ShownFrame?, into target: Frame) {
    precondition(takes(picture.format), "a frame of another format")
    // The ground first: where the picture's last chroma sample is shared with it, the picture's stays.
    canvas.begin(target)
    for rect in ground { canvas.fill(rect, Palette.page) }
    target.copyPicture(from: picture)
    covered.removeAll()
    if let shown { draw(shown, on: target) }
    target.copyProperties(from: picture)
  }

  /// Draws on a frame of the output's format whose picture is there already. Its memory must be writable.
  package func draw(_ shown: ShownFrame, on frame: Frame) {
    canvas.begin(frame)
    covered.removeAll()
    for overlay in overlays { overlay.draw(shown, &covered) }
  }

  /// The overlays that the picture has no room for, by name.
  package var withoutRoom: [String] { overlays.filter { !$0.hasRoom }.map { type(of: $0).name } }

  /// How many of so many mosaics the layout has room for; the first ones are shown.
  package func mosaicsShown(of count: Int) -> Int {
    overlays.lazy.compactMap { $0 as? FeatureMosaic }.first?.slotCount(count) ?? 0
  }
}
