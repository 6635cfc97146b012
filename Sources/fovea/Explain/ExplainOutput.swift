import Explanations
import Foundation
import Frames
import Imaging
import Output
import Pipeline
import Settings
import Telemetry

/// Where explanations go: a sheet of pictures, an archive of raw maps, or both.
final class ExplainOutput {
  /// Only the first picture is wanted.
  let isSingle: Bool
  /// The files that are written.
  let paths: [String]
  private let sheet: ContactSheet?
  private let canvas: Frame?
  private let sink: (any FrameSink)?
  private let archive: MapArchive?
  private let explainer: PictureExplainer
  private static let pictures: Set<String> = ["png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff"]

  init(_ arguments: ParsedArguments, keeping: Set<FileIdentity>, source: any FrameSource, explainer: PictureExplainer)
    throws
  {
    self.explainer = explainer
    let output = arguments[ExplainCommand.output] ?? arguments[ExplainCommand.address].outputName(suffix: "explained")
    let archiveOnly = output.hasSuffix(".npz")
    let maps = arguments[ExplainCommand.maps] ?? (archiveOnly ? output : nil)
    isSingle = Self.pictures.contains(output.ending) && !output.contains("%")
    let options = try OutputArguments.sink(arguments, keeping: keeping)
    paths = (archiveOnly ? [] : [output]) + (maps.map { [$0] } ?? [])
    try refuseSharedNames(paths)
    let sheet =
      try archiveOnly
      ? nil
      : ContactSheet(
        picture: source.format,
        blocks: explainer.targets.map { _ in explainer.methods.count == 1 ? 1 : explainer.methods.count + 1 },
        placement: explainer.placement, style: SaliencyArguments.style(arguments, colors: ExplainCommand.colormap))
    self.sheet = sheet
    canvas = sheet.map { Frame.allocated($0.format) }
    sink = try archiveOnly ? nil : openSink(Destination(output), options: options)
    archive = try maps.map { try MapArchive($0, options: options) }
    if let sheet { try sink?.open(sheet.format, companions: nil) }
  }

  /// Writes the maps of one picture.
  func write(_ frame: Frame, _ analysis: Analysis) throws {
    let blocks = explainer.blocks(analysis)
    try archive?.add(blocks, targets: explainer.targets, frame: frame.sequence, pts: frame.pts)
    guard let sheet, let canvas else { return }
    sheet.begin(frame, on: canvas)
    for explanations in blocks {
      guard let first = explanations.first else { continue }
      let picture = explanations.count == 1 ? [] : [ContactSheet.Cell(title: "Picture")]
      sheet.draw(explainer.heading(first, analysis), picture + explanations.map { cell($0, analysis) })
    }
    canvas.copyProperties(from: frame)
    try sink?.write(canvas)
  }

  /// All that is written to; they end together.
  var sinks: [any Sink] {
    let all: [(any Sink)?] = [sink, archive]
    return all.compactMap { $0 }
  }

  private func cell(_ explanation: Explanation, _ analysis: Analysis) -> ContactSheet.Cell {
    let shape = explanation.shown.shape
    return ContactSheet.Cell(
      title: explanation.method.title,
      detail: explanation.isEmpty ? "no place stands out" : "\(shape[0]) × \(shape[1])",
      heat: explanation.heat(analysis.placement),
      isFine: explanation.method.isFine)
  }
}
