// SPDX-License-Identifier: Apache-2.0
#include "reports/html/assets.hpp"

// The assembler copies the files in; CMake says where they lie and compiles this again when one
// changes. FL_FILE follows FL_FILE without a byte between.
#define FL_BEGIN(name) ".pushsection .rodata\n" name ":\n"
#define FL_FILE(path) ".incbin \"" FL_ASSETS_FOLDER "/" path "\"\n"
#define FL_END(name) name "_end:\n.byte 0\n.popsection\n"

asm(FL_BEGIN("fl_page_style")      //
    FL_FILE("style/page.css")      //
    FL_FILE("style/report.css")    //
    FL_FILE("style/timeline.css")  //
    FL_FILE("style/print.css")     //
    FL_END("fl_page_style"));

asm(FL_BEGIN("fl_chart_library")      //
    FL_FILE("vendor/echarts.min.js")  //
    FL_END("fl_chart_library"));

asm(FL_BEGIN("fl_report_script")       //
    FL_FILE("script/data.js")          //
    FL_FILE("script/format.js")        //
    FL_FILE("script/statistics.js")    //
    FL_FILE("script/theme.js")         //
    FL_FILE("script/table.js")         //
    FL_FILE("script/chart.js")         //
    FL_FILE("script/waterfall.js")     //
    FL_FILE("script/distribution.js")  //
    FL_FILE("script/success.js")       //
    FL_FILE("script/timeline.js")      //
    FL_FILE("script/trial_view.js")    //
    FL_FILE("script/trials.js")        //
    FL_FILE("script/start.js")         //
    FL_END("fl_report_script"));

extern "C" {
extern const char fl_page_style[], fl_page_style_end[];
extern const char fl_chart_library[], fl_chart_library_end[];
extern const char fl_report_script[], fl_report_script_end[];
}

namespace faultline::reports {

std::string_view page_style() {
    return {fl_page_style, fl_page_style_end};
}
std::string_view chart_library() {
    return {fl_chart_library, fl_chart_library_end};
}
std::string_view report_script() {
    return {fl_report_script, fl_report_script_end};
}

}  // namespace faultline::reports
